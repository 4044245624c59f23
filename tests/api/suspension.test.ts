import { expect, test } from 'vitest';
import { aRegistration, aTenant, openWorld } from '../support/world.ts';
import { auditOf, refusalOf, signIn } from './answers.ts';
import { aPerson, theOwner } from './people.ts';

const world = await openWorld();
const { clientId: _, secret } = await world.operator.serviceClients.create.mutate({ name: 'host' });

type Cause = {
  trigger: 'payment_failure' | 'security_incident' | 'customer_request';
  mode: 'read_only' | 'blocked';
};
const suspend = (tenantId: string, { trigger, mode }: Cause) =>
  world.operator.suspension.suspend.mutate({ tenantId, trigger, mode, note: 'a reason' });

test('with one of two causes lifted the strictest of those left rules', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const tenantId = tenant.id;
  const unpaid = await suspend(tenantId, { trigger: 'payment_failure', mode: 'read_only' });
  const incident = await suspend(tenantId, { trigger: 'security_incident', mode: 'blocked' });
  const lift = (suspensionId: string) =>
    world.operator.suspension.reinstate.mutate({ tenantId, suspensionId, note: 'over' });

  expect(incident).toMatchObject({ status: 'suspended', accessMode: 'blocked' });
  expect(await lift(unpaid.suspension.id)).toMatchObject({ status: 'suspended', accessMode: 'blocked' });
  await suspend(tenantId, { trigger: 'payment_failure', mode: 'read_only' });
  expect(await lift(incident.suspension.id)).toMatchObject({ status: 'suspended', accessMode: 'read_only' });
  expect(await world.operator.suspension.reinstate.mutate({ tenantId, note: 'paid' })).toMatchObject({
    status: 'active',
    accessMode: 'full',
  });
});

test('with several causes open one must be named, and a lifted one is not found', async () => {
  const { tenant } = await aRegistration(world);
  const tenantId = tenant.id;
  const first = await suspend(tenantId, { trigger: 'payment_failure', mode: 'read_only' });
  const second = await suspend(tenantId, { trigger: 'security_incident', mode: 'read_only' });
  const { reinstate } = world.operator.suspension;

  const unnamed = await refusalOf(reinstate.mutate({ tenantId, note: 'which?' }));
  await reinstate.mutate({ tenantId, suspensionId: first.suspension.id, note: 'paid' });
  const again = await refusalOf(
    reinstate.mutate({ tenantId, suspensionId: first.suspension.id, note: 'paid' }),
  );

  expect(unnamed).toMatchObject({ reason: 'INVALID_INPUT' });
  expect(unnamed.open.toSorted()).toEqual([first.suspension.id, second.suspension.id].toSorted());
  expect(again.reason).toBe('NOT_FOUND');
});

test('a trial stands still while its tenant is suspended', async () => {
  const { tenant } = await aRegistration(world, { plan: 'starter' });
  await suspend(tenant.id, { trigger: 'payment_failure', mode: 'read_only' });

  const after = await world.operator.suspension.reinstate.mutate({ tenantId: tenant.id, note: 'paid' });

  expect(after.status).toBe('trial');
  expect(Date.parse(after.trialEndsAt ?? '')).toBeGreaterThan(Date.parse(tenant.trialEndsAt));
});

test('a tenant that is not suspended cannot be reinstated, and is told what is allowed', async () => {
  const { tenant } = await aRegistration(world);

  const refusal = await refusalOf(
    world.operator.suspension.reinstate.mutate({ tenantId: tenant.id, note: 'x' }),
  );

  expect(refusal).toMatchObject({
    reason: 'TRANSITION_NOT_ALLOWED',
    httpStatus: 409,
    from: 'active',
    action: 'reinstate',
    allowed: ['start_trial', 'change_plan', 'suspend', 'schedule_offboarding'],
  });
});

test('suspending wants a note and a known cause, and a refusal leaves no trace', async () => {
  const { tenant } = await aRegistration(world);
  const before = await auditOf(world, tenant.id);
  const good = { tenantId: tenant.id, trigger: 'payment_failure', mode: 'read_only', note: 'x' } as const;

  for (const bad of [
    { ...good, note: ' ' },
    { ...good, note: 'x'.repeat(2001) },
  ]) {
    const refusal = await refusalOf(world.operator.suspension.suspend.mutate(bad));
    expect(refusal).toMatchObject({ reason: 'INVALID_INPUT', fields: ['note'] });
  }

  expect(await auditOf(world, tenant.id)).toEqual(before);
  expect(await world.operator.tenants.get.query({ tenantId: tenant.id })).toMatchObject({ status: 'active' });
});

test('the owner of a blocked tenant signs in to a session that reads the account and nothing else', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  const admin = await aPerson(world, tenant.id, 'admin');
  await suspend(tenant.id, { trigger: 'payment_failure', mode: 'blocked' });

  const { status, body } = await signIn(world, owner.email);
  const refused = await signIn(world, admin.email);

  expect(status).toBe(200);
  expect([refused.status, refused.body.reason]).toEqual([403, 'TENANT_SUSPENDED']);
  const me = await world.send('/api/auth/me', { token: body.accessToken });
  expect(me.body).toMatchObject({ status: 'suspended', accessMode: 'blocked', user: { role: 'owner' } });
  const client = world.as(body.accessToken);
  for (const procedure of [
    () => client.tenants.get.query(),
    () => client.projects.list.query(),
    () => client.directory.users.list.query(),
    () => client.plans.current.query(),
    () => client.plans.catalogue.query(),
    () => client.audit.list.query(),
    () => client.suspension.history.query(),
    () => client.suspension.reinstate.mutate({ note: 'please' }),
    () => client.projects.create.mutate({ name: 'x' }),
  ]) {
    expect((await refusalOf(procedure())).reason).toBe('TENANT_SUSPENDED');
  }
  const introspected = await world.send('/api/auth/introspect', {
    token: secret,
    body: { token: body.accessToken },
  });
  expect(introspected.body).toEqual({ active: false });
});

test('history shows every cause with who raised and who lifted it, newest first', async () => {
  const { tenant } = await aRegistration(world);
  const tenantId = tenant.id;
  await suspend(tenantId, { trigger: 'payment_failure', mode: 'read_only' });
  await world.operator.suspension.reinstate.mutate({ tenantId, note: 'paid' });
  await suspend(tenantId, { trigger: 'security_incident', mode: 'blocked' });

  const { items } = await world.operator.suspension.history.query({ tenantId });

  expect(items).toMatchObject([
    { trigger: 'security_incident', mode: 'blocked', liftedAt: null, raisedBy: { kind: 'operator' } },
    { trigger: 'payment_failure', mode: 'read_only', liftNote: 'paid', liftedBy: { kind: 'operator' } },
  ]);
});
