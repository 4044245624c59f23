import { expect, test } from 'vitest';
import { Refusal, type RefusalReason, refusalReasons } from '../../src/domain/refusal.ts';
import { ProtocolError, toScimError } from '../../scim/errors.ts';

test('E-4: an error says its status as a string', () => {
  expect(toScimError(new Refusal('NOT_FOUND', 'there is no such user'))).toEqual({
    status: 404,
    body: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '404',
      detail: 'there is no such user',
    },
  });
});

test('a protocol error keeps its keyword', () => {
  const { status, body } = toScimError(new ProtocolError(400, 'no', 'invalidFilter'));

  expect(status).toBe(400);
  expect(body).toMatchObject({ status: '400', scimType: 'invalidFilter' });
});

test('a taken name is 409 uniqueness, so that Entra looks it up', () => {
  expect(toScimError(new Refusal('CONFLICT', 'taken')).body).toMatchObject({
    status: '409',
    scimType: 'uniqueness',
  });
});

test('what closes a tenant is 403, so that nobody is deleted for it', () => {
  const closed = refusalReasons.filter((reason) => /^(TENANT|PLAN|PERMISSION)_/.test(reason));

  expect(closed).toHaveLength(7);
  for (const reason of closed) expect(toScimError(new Refusal(reason, 'no')).status).toBe(403);
});

test.each<[RefusalReason, number]>([
  ['INVALID_CREDENTIALS', 401],
  ['RATE_LIMITED', 429],
  ['INVALID_INPUT', 400],
])('%s is %i', (reason, status) => {
  expect(toScimError(new Refusal(reason, 'no')).status).toBe(status);
});

test('a bug is 500 and tells nothing', () => {
  const { status, body } = toScimError(new Error('select * from users'));

  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain('select');
});
