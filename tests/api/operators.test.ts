import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { Operator, OperatorToken } from '../../src/db/entities/control.ts';
import { aRegistration, openWorld } from '../support/world.ts';
import { ask, refusalOf, refusalsOf } from './answers.ts';
import { anOperator } from './people.ts';

const world = await openWorld();
const { operators, serviceClients } = world.operator;

const isIn = async (token: string) => (await ask(world.url, 'tenants.list', { token })).status === 200;

test('an operator’s token is shown once and stored as a hash', async () => {
  const email = `Otto-${randomUUID()}@ops.example`;

  const created = await operators.create.mutate({ email, name: 'Otto', role: 'billing' });

  expect(created.operator).toMatchObject({ email, name: 'Otto', role: 'billing', revokedAt: null });
  expect(created.token).toMatch(/^op_[\w-]{43}$/);
  expect(await isIn(created.token)).toBe(true);
  expect(JSON.stringify(await operators.list.query())).not.toContain(created.token);
  const stored = await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.find(OperatorToken, {}, { populate: ['operator'] }),
  );
  expect(JSON.stringify(stored)).not.toContain(created.token);
});

test('an e-mail address is an operator once, whatever its case', async () => {
  const email = `twin-${randomUUID()}@ops.example`;
  await operators.create.mutate({ email, name: 'One', role: 'billing' });

  const refusal = await refusalOf(
    operators.create.mutate({ email: email.toUpperCase(), name: 'Two', role: 'billing' }),
  );

  expect(refusal).toMatchObject({ reason: 'CONFLICT', message: 'an operator with this e-mail exists' });
});

test('a revoked operator is out with the next request, and not found afterwards', async () => {
  const { id: operatorId, token } = await anOperator(world, 'customer_success');

  const revoked = await operators.revoke.mutate({ operatorId });

  expect(revoked.revokedAt).toEqual(expect.any(String));
  expect(await isIn(token)).toBe(false);
  expect((await refusalOf(operators.revoke.mutate({ operatorId }))).reason).toBe('NOT_FOUND');
  expect((await refusalOf(operators.setRole.mutate({ operatorId, role: 'engineering' }))).reason).toBe(
    'NOT_FOUND',
  );
});

test.each(['customer_success', 'billing', 'read_only'] as const)(
  '%s makes, raises and revokes nobody',
  async (role) => {
    const { client } = await anOperator(world, role);
    const other = await anOperator(world, 'read_only');

    const refusals = await refusalsOf([
      client.operators.create.mutate({ email: 'new@ops.example', name: 'New', role: 'read_only' }),
      client.operators.setRole.mutate({ operatorId: other.id, role: 'engineering' }),
      client.operators.revoke.mutate({ operatorId: other.id }),
      client.serviceClients.create.mutate({ name: 'x' }),
    ]);
    for (const { reason } of refusals) expect(reason).toBe('PERMISSION_DENIED');
    expect((await client.operators.list.query()).items.length).toBeGreaterThan(0);
  },
);

test('a role holds from the next request on', async () => {
  const { id: operatorId, client } = await anOperator(world, 'engineering');
  const attempt = () => client.serviceClients.create.mutate({ name: 'x' });
  expect(await attempt()).toMatchObject({ name: 'x' });

  await operators.setRole.mutate({ operatorId, role: 'read_only' });

  expect((await refusalOf(attempt())).reason).toBe('PERMISSION_DENIED');
});

test('nobody changes their own access', async () => {
  const { id: operatorId, client, token } = await anOperator(world, 'engineering');

  const refusals = await refusalsOf([
    client.operators.setRole.mutate({ operatorId, role: 'billing' }),
    client.operators.revoke.mutate({ operatorId }),
  ]);
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({
      reason: 'PERMISSION_DENIED',
      message: 'nobody changes their own access',
    });
  }
  expect(await isIn(token)).toBe(true);
});

test('rotating one’s token ends the old one at once', async () => {
  const { client, token } = await anOperator(world, 'read_only');

  const { token: next, expiresAt } = await client.operators.rotateToken.mutate();

  expect([await isIn(token), await isIn(next)]).toEqual([false, true]);
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now() + 80 * 86_400_000);
});

test('the bootstrap token is changed by its environment variable alone', async () => {
  expect((await refusalOf(operators.rotateToken.mutate())).reason).toBe('PERMISSION_DENIED');
});

test('an expired token is no token', async () => {
  const { token } = await anOperator(world, 'read_only');
  await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em, ports }) =>
    em.nativeUpdate(OperatorToken, { hash: ports.tokens.hash(token) }, { expiresAt: new Date() }),
  );

  expect(await isIn(token)).toBe(false);
});

test('a tenant’s owner is no operator', async () => {
  const { accessToken } = await aRegistration(world);
  const client = world.as(accessToken);

  const refusals = await refusalsOf([
    client.operators.list.query(),
    client.operators.create.mutate({ email: 'me@ops.example', name: 'Me', role: 'engineering' }),
    client.operators.rotateToken.mutate(),
    client.serviceClients.list.query(),
  ]);
  for (const { reason } of refusals) expect(reason).toBe('PERMISSION_DENIED');
  const known = await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.count(Operator, { email: 'me@ops.example' }),
  );
  expect(known).toBe(0);
});

test('service clients are listed without their secrets; a revoked one is not found', async () => {
  const { clientId, secret } = await serviceClients.create.mutate({ name: 'host', scopes: ['introspect'] });

  const listed = (await serviceClients.list.query()).items.find((item) => item.clientId === clientId);
  await serviceClients.revoke.mutate({ clientId });

  expect(secret).toMatch(/^sc_[\w-]{43}$/);
  expect(listed).toMatchObject({ name: 'host', scopes: ['introspect'], revokedAt: null });
  expect(JSON.stringify(listed)).not.toContain(secret);
  expect((await refusalOf(serviceClients.rotate.mutate({ clientId }))).reason).toBe('NOT_FOUND');
  expect((await refusalOf(serviceClients.revoke.mutate({ clientId }))).reason).toBe('NOT_FOUND');
});
