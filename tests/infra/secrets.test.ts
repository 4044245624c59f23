import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { v7 } from 'uuid';
import {
  createSecretBox,
  createToken,
  equalsSecret,
  hashToken,
  readTokenTenant,
} from '../../src/infra/secrets.ts';

const box = createSecretBox(randomBytes(32));

test('what is sealed opens again, text and bytes, and never looks the same twice', () => {
  const bytes = randomBytes(100);

  expect(box.openText(box.seal('pässword', 'sso:1'), 'sso:1')).toBe('pässword');
  expect(box.open(box.seal(bytes, 'sso:1'), 'sso:1')).toEqual(bytes);
  expect(box.openText(box.seal('', 'sso:1'), 'sso:1')).toBe('');
  expect(box.seal('same', 'sso:1')).not.toBe(box.seal('same', 'sso:1'));
});

test('sealed text opens for no other key and no other context', () => {
  const sealed = box.seal('secret', 'sso:1');

  expect(() => box.open(sealed, 'sso:2')).toThrow();
  expect(() => createSecretBox(randomBytes(32)).open(sealed, 'sso:1')).toThrow();
});

test('a change of any one byte of sealed text is noticed', () => {
  const sealed = Buffer.from(box.seal('secret', 'x').slice(3), 'base64url');

  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => box.open(`v1.${changed.toString('base64url')}`, 'x')).toThrow();
  }
});

test.each(['', 'v1.', 'v1.AAAA', 'v2.AAAA', 'v1.AAAA.AAAA'])('%o is not sealed text', (text) => {
  expect(() => box.open(text, 'x')).toThrow('sealed text');
});

test('a box takes a key of 32 bytes and no other', () => {
  expect(() => createSecretBox(randomBytes(16))).toThrow('32 bytes');
});

test('a token of a tenant names it, and another names none', () => {
  const tenantId = v7();

  const token = createToken('scim', tenantId);

  expect(token).toMatch(/^scim_[A-Za-z0-9_-]{64}$/);
  expect(readTokenTenant(token)).toBe(tenantId);
  expect(readTokenTenant(createToken('op'))).toBeNull();
});

test.each([
  '',
  'scim',
  'scim_',
  'scim_short',
  `scim_${'A'.repeat(65)}`,
  `_${'A'.repeat(64)}`,
  `scim_${'!'.repeat(64)}`,
  `scim_${'_'.repeat(64)}x`,
])('%o names no tenant', (text) => {
  expect(readTokenTenant(text)).toBeNull();
});

test('no two tokens are alike, and only their hash is stored', () => {
  const tokens = Array.from({ length: 1000 }, () => createToken('op'));

  expect(new Set(tokens).size).toBe(1000);
  expect(hashToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('a token is made for a proper prefix and tenant only', () => {
  expect(() => createToken('Scim_x')).toThrow('prefix');
  expect(() => createToken('scim', 'tenant')).toThrow('tenant');
});

test('secrets are equal when they are the same, whatever their length', () => {
  expect(equalsSecret('abc', 'abc')).toBe(true);
  expect(equalsSecret('abc', 'abd')).toBe(false);
  expect(equalsSecret('abc', 'abcd')).toBe(false);
});
