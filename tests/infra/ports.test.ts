import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import { expect, test } from 'vitest';
import {
  createAccessTokens,
  importSigningKey,
  importVerificationKeys,
} from '../../src/infra/access-tokens.ts';
import { createPorts } from '../../src/infra/ports.ts';
import { createFileStorage } from '../../src/infra/storage.ts';
import { aDataDir } from './data-dirs.ts';

test('the ports work together: a sealed signing key signs what its public half verifies', async () => {
  const storage = createFileStorage({ root: await aDataDir() });
  const ports = createPorts({ secretKey: randomBytes(32), storage });
  const claims = { sub: v7(), tid: v7(), sid: v7() };
  const now = new Date();

  const pair = await ports.keyPairs.create();
  const sealed = ports.master.seal(pair.privateKey, `signing-key:${pair.id}`);
  const tokens = createAccessTokens({ issuer: 'https://id.example.com' });
  const signingKey = await importSigningKey(ports.master.openText(sealed, `signing-key:${pair.id}`));
  const token = await tokens.sign(claims, signingKey, now);

  const stored: unknown = JSON.parse(JSON.stringify(pair.publicJwk));
  expect(await tokens.verify(token, await importVerificationKeys([stored]), now)).toEqual(claims);
});

test('two processes with the same secret key and storage read each other’s tenants, and with another key not', async () => {
  const storage = createFileStorage({ root: await aDataDir() });
  const secretKey = randomBytes(32);
  const tenantId = v7();
  const sealed = (await createPorts({ secretKey, storage }).tenantKeys.create(tenantId)).seal('secret', 'x');

  const other = await createPorts({ secretKey, storage }).tenantKeys.get(tenantId);

  expect(other?.openText(sealed, 'x')).toBe('secret');
  const stranger = createPorts({ secretKey: randomBytes(32), storage });
  await expect(stranger.tenantKeys.get(tenantId)).rejects.toThrow();
});

test('passwords and tokens of the ports refuse what is weak and fit what they made', async () => {
  const { passwords, tokens } = createPorts({
    secretKey: randomBytes(32),
    storage: createFileStorage({ root: await aDataDir() }),
  });

  await expect(passwords.requireStrong('password1', [])).rejects.toMatchObject({ reason: 'INVALID_INPUT' });
  expect(await passwords.verify('a long enough one', await passwords.hash('a long enough one'))).toBe(true);
  const tenantId = v7();
  const token = tokens.create('scim', tenantId);
  expect(tokens.tenantOf(token)).toBe(tenantId);
  expect(tokens.hash(token)).toMatch(/^[0-9a-f]{64}$/);
});
