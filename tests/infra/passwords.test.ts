import { parseOptions } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { createPasswordStrength } from '../../src/infra/password-strength.ts';
import { createPasswordHasher } from '../../src/infra/passwords.ts';

const passwords = createPasswordHasher();
const strength = createPasswordStrength();
const context = ['ada@acme.test', 'Ada Lovelace', 'Acme'];

test('a password is kept as argon2id at the parameters of OWASP and fits itself only', async () => {
  const stored = await passwords.hashPassword('correct horse');

  expect(stored).toMatch(/^\$argon2id\$/);
  expect(parseOptions(stored)).toMatchObject({
    memoryCost: 19_456,
    timeCost: 2,
    parallelism: 1,
    saltLen: 16,
  });
  expect(await passwords.verifyPassword('correct horse', stored)).toBe(true);
  expect(await passwords.verifyPassword('correct horsE', stored)).toBe(false);
  expect(await passwords.hashPassword('correct horse')).not.toBe(stored);
});

test('the same letters written in another Unicode form are the same password', async () => {
  const stored = await passwords.hashPassword('caf\u00e9 au lait');

  expect(await passwords.verifyPassword('cafe\u0301 au lait', stored)).toBe(true);
});

test('without a stored hash the answer is no, after the work of a verification', async () => {
  const stored = await passwords.hashPassword('correct horse');
  const time = async (storedHash: string | null) => {
    const start = performance.now();
    for (let round = 0; round < 5; round += 1) {
      expect(await passwords.verifyPassword('wrong horse', storedHash)).toBe(false);
    }
    return performance.now() - start;
  };

  const [withHash, withoutHash] = [await time(stored), await time(null)];

  expect(withoutHash).toBeGreaterThan(withHash / 4);
});

test('those beyond the queue are refused, and the others all served', async () => {
  const narrow = createPasswordHasher({ concurrentHashes: 1, waitingHashes: 2 });

  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, () => narrow.hashPassword('correct horse')),
  );

  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
  ]);
  expect(outcomes[3]).toMatchObject({ reason: { reason: 'RATE_LIMITED' } });
  await expect(narrow.hashPassword('correct horse')).resolves.toMatch(/^\$argon2id\$/);
});

test('a failed verification gives its place back', async () => {
  const narrow = createPasswordHasher({ concurrentHashes: 1 });

  await expect(narrow.verifyPassword('x', 'not a hash')).rejects.toThrow();

  await expect(narrow.hashPassword('correct horse')).resolves.toMatch(/^\$argon2id\$/);
});

test.each([
  ['short12', 'has 7 characters: it needs at least 8'],
  ['ééééééé', 'has 7 characters'],
  ['password1', 'in common use'],
  ['qwertyuiop', 'most used passwords'],
  ['acmeacmeacme', 'repeats a pattern'],
  ['ada@acme.test', 'holds your name, address or organisation'],
  ['x9#mQ2$vLk'.repeat(26), 'is longer than 256 bytes'],
])('%o is refused: it %s', async (password, why) => {
  await expect(strength.assessPassword(password, context)).rejects.toMatchObject({
    reason: 'INVALID_INPUT',
    message: expect.stringContaining(why),
    data: { field: 'password' },
  });
});

test.each(['correct horse battery staple', 'xK9#mQ2$v', 'zwölf Böxkämpfer jagen', '👩‍🚀🪐'.repeat(12)])(
  '%o is accepted',
  async (password) => {
    await expect(strength.assessPassword(password, context)).resolves.toBeUndefined();
  },
);
