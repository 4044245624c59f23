import { expect, test } from 'vitest';
import { trialKey } from '../../src/domain/plans/trial-keys.ts';

test.each([
  ['ann@acme.com', 'acme.com'],
  ['Bob@ACME.com', 'acme.com'],
  ['bob@mail.eu.acme.com', 'acme.com'],
  ['bob@acme.co.uk', 'acme.co.uk'],
  ['bob@mail.acme.co.jp', 'acme.co.jp'],
  // A suffix under which others register: each has a trial of its own.
  ['bob@acme.github.io', 'acme.github.io'],
])('%s uses up the trial of %s', (email, key) => {
  expect(trialKey(email)).toBe(key);
});

test.each([
  'ann@gmail.com',
  'ann@gmx.de',
  'ann@outlook.com',
  'ann@yahoo.co.jp',
  'ann@icloud.com',
  'ann@proton.me',
  'ann@posteo.de',
  'ann@acme.example',
  'ann@example.com',
  'ann@mail.example.org',
  'ann@acme.test',
  'ann@acme.invalid',
  'ann@localhost',
  'ann@[192.0.2.1]',
])("the domain of %s is everybody's or nobody's: only the address itself uses up its trial", (email) => {
  expect(trialKey(email)).toBe(email);
  expect(trialKey(email.toUpperCase())).toBe(email);
});
