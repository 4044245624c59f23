import { expect, test } from 'vitest';
import { describeBody, describeQuery } from '../../../scim/log/redacted.ts';

const secret = 'correct-horse';

test.each([
  [{ password: secret }],
  [{ PassWord: secret }],
  [{ nested: [{ clientSecret: secret, api_token: secret }] }],
  [{ Operations: [{ op: 'replace', path: 'password', value: secret }] }],
  [
    {
      Operations: [{ Op: 'Add', Path: 'urn:ietf:params:scim:schemas:core:2.0:User:password', Value: secret }],
    },
  ],
  [{ Operations: [{ op: 'replace', value: { password: secret } }] }],
  [
    {
      Operations: [
        { op: 'replace', value: { 'urn:ietf:params:scim:schemas:core:2.0:User:password': secret } },
      ],
    },
  ],
])('a secret in %j is hidden', (body) => {
  expect(describeBody(body)).not.toContain(secret);
  expect(describeBody(body)).toContain('[redacted]');
});

test.each([
  `filter=password eq "${secret}"`,
  `filter=title pr and password sw "${secret}" and active eq true`,
  `filter=urn:ietf:params:scim:schemas:core:2.0:User:password eq "${secret}`,
  `access_token=${secret}&count=1`,
])('a secret in the query %s is hidden', (query) => {
  expect(describeQuery(`?${encodeURI(query)}`)).not.toContain(secret);
});

test('what is no secret is kept as it was sent', () => {
  const body = { userName: 'bob@x.example', active: 'False', addresses: null, roles: [], count: 3 };

  expect(describeBody(body)).toBe(JSON.stringify(body));
  expect(describeQuery('?filter=userName%20eq%20%22bob+1%22&count=2')).toBe(
    'filter=userName eq "bob 1"&count=2',
  );
  expect(describeQuery('?aadOptscim062020&x=%zz')).toBe('aadOptscim062020&x=%zz');
  expect(describeQuery('')).toBeNull();
});

test('of long lists and texts the beginning is kept, and no more than 4 KB in all', () => {
  const members = Array.from({ length: 10_000 }, (_, index) => ({ value: `user-${index}` }));

  const kept = describeBody({ members, photo: 'x'.repeat(10_000) });

  expect(kept).toContain('"user-19"},"… 9980 more"]');
  expect(kept).not.toContain('user-20');
  expect(kept.length).toBeLessThanOrEqual(4096);
});
