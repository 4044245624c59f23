import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emailAddress, line, proposeSlug, slug } from '../../src/domain/names.ts';

describe('a slug', () => {
  test.each(['ab', 'a1', '1a', '42', 'a-b', 'a--b', 'acme', 'api-team', 'a'.repeat(63)])(
    'may be %s',
    (text) => {
      expect(slug.safeParse(text).success).toBe(true);
    },
  );

  test.each([
    '',
    'a',
    '-',
    'a'.repeat(64),
    '-a',
    'a-',
    '-ab',
    'ab-',
    'Acme',
    'a_b',
    'a.b',
    'a b',
    ' ab',
    'ab\n',
    'zürich',
    'a/b',
  ])('may not be %j', (text) => {
    expect(slug.safeParse(text).success).toBe(false);
  });

  test.each(['admin', 'api', 'app', 'login', 'sso', 'scim', 'trpc', 'www', 'webhooks'])(
    'may not be %s, which a path or host uses',
    (text) => {
      expect(slug.safeParse(text).error?.issues[0]?.message).toBe('this slug is reserved');
    },
  );
});

test.each([
  ['Acme', 'acme'],
  ['Acme Inc.', 'acme-inc'],
  ['  --Acme--  ', 'acme'],
  ['R2D2 & friends', 'r2d2-friends'],
  ['API', 'api-team'],
  ['X', 'x-team'],
  ['', 'tenant-team'],
  ['日本', 'tenant-team'],
  ['a'.repeat(51), 'a'.repeat(50)],
  [`${'a'.repeat(49)} b`, 'a'.repeat(49)],
])('the slug proposed for %j is %s', (name, proposal) => {
  expect(proposeSlug(name)).toBe(proposal);
});

test('whatever the name, its proposed slug is a slug, also with nine characters behind it', () => {
  assert(
    property(string({ unit: 'binary', maxLength: 80 }), (name) => {
      const proposal = proposeSlug(name);

      expect(slug.safeParse(proposal).success).toBe(true);
      expect(slug.safeParse(`${proposal}-01234567`).success).toBe(true);
    }),
  );
});

describe('a line of at most five characters', () => {
  test.each([
    ['a', 'a'],
    ['  abcde  ', 'abcde'],
    ['日本', '日本'],
  ])('takes %j as %j', (text, kept) => {
    expect(line(5).parse(text)).toBe(kept);
  });

  test.each(['', '   ', 'abcdef', 'a\0b', '\ud800'])('refuses %j', (text) => {
    expect(line(5).safeParse(text).success).toBe(false);
  });
});

describe('an e-mail address', () => {
  const domain = `@${`${'b'.repeat(62)}.`.repeat(3)}example`;
  const exactly = (length: number) => domain.padStart(length, 'a');

  test.each(['a@example.com', ' a@example.com ', 'first.last+tag@mail.example.com'])('may be %j', (text) => {
    expect(emailAddress.parse(text)).toBe(text.trim());
  });

  test.each(['', 'a', 'a@', '@example.com', 'a@example', 'a b@example.com', 'a@example.com, b@example.com'])(
    'may not be %j',
    (text) => {
      expect(emailAddress.safeParse(text).success).toBe(false);
    },
  );

  test('may have 254 characters, not 255', () => {
    expect(emailAddress.safeParse(exactly(254)).success).toBe(true);
    expect(emailAddress.safeParse(exactly(255)).success).toBe(false);
  });
});
