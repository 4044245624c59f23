import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { aTenant, openWorld } from '../support/world.ts';
import { auditOf, refusalOf, refusalsOf } from './answers.ts';
import { anOperator, aPerson, theOwner } from './people.ts';

const world = await openWorld();

/** A live tenant with an owner, an admin and a member. */
async function aTeam() {
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  const admin = await aPerson(world, tenant.id, 'admin');
  const member = await aPerson(world, tenant.id, 'member');
  return { tenant, owner, admin, member };
}

test('admins see the people of their tenant alone, members see nobody', async () => {
  const { owner, admin, member } = await aTeam();
  const elsewhere = await aTeam();

  const { items } = await admin.client.directory.users.list.query();

  expect(items.map(({ email }) => email)).toEqual([member.email, admin.email, owner.email]);
  const { users } = member.client.directory;
  expect((await refusalOf(users.list.query())).reason).toBe('PERMISSION_DENIED');
  expect((await refusalOf(users.get.query({ userId: member.user.id }))).reason).toBe('PERMISSION_DENIED');
  for (const userId of [elsewhere.member.user.id, randomUUID()]) {
    expect((await refusalOf(admin.client.directory.users.get.query({ userId }))).reason).toBe('NOT_FOUND');
    expect((await refusalOf(admin.client.directory.users.deactivate.mutate({ userId }))).reason).toBe(
      'NOT_FOUND',
    );
  }
});

test('only an owner makes, unmakes or touches an owner', async () => {
  const { owner, admin, member } = await aTeam();
  const asAdmin = admin.client.directory.users;

  const refusals = await refusalsOf([
    asAdmin.setRole.mutate({ userId: member.user.id, role: 'owner' }),
    asAdmin.setRole.mutate({ userId: admin.user.id, role: 'owner' }),
    asAdmin.setRole.mutate({ userId: owner.user.id, role: 'member' }),
    asAdmin.deactivate.mutate({ userId: owner.user.id }),
  ]);
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({ reason: 'PERMISSION_DENIED' });
  }
  const raised = await owner.client.directory.users.setRole.mutate({ userId: admin.user.id, role: 'owner' });
  expect(raised.role).toBe('owner');
  expect((await asAdmin.setRole.mutate({ userId: owner.user.id, role: 'member' })).role).toBe('member');
});

test('the last active owner stays, whoever of the tenant asks; an operator may', async () => {
  const { tenant, owner, admin } = await aTeam();
  const userId = owner.user.id;
  const { users } = owner.client.directory;
  await users.setRole.mutate({ userId: admin.user.id, role: 'owner' });
  await users.deactivate.mutate({ userId: admin.user.id });

  const demoted = await refusalOf(users.setRole.mutate({ userId, role: 'member' }));
  const deactivated = await refusalOf(users.deactivate.mutate({ userId }));
  const byOperator = await world.operator.directory.users.deactivate.mutate({ tenantId: tenant.id, userId });

  expect([demoted.reason, deactivated.reason]).toEqual(['PERMISSION_DENIED', 'PERMISSION_DENIED']);
  expect(byOperator.active).toBe(false);
});

test('two owners who demote each other at once leave one', async () => {
  const { owner, admin } = await aTeam();
  await owner.client.directory.users.setRole.mutate({ userId: admin.user.id, role: 'owner' });

  await Promise.allSettled([
    owner.client.directory.users.setRole.mutate({ userId: admin.user.id, role: 'admin' }),
    admin.client.directory.users.setRole.mutate({ userId: owner.user.id, role: 'admin' }),
  ]);

  const { items } = await owner.client.directory.users.list.query();
  expect(items.filter(({ role }) => role === 'owner')).toHaveLength(1);
});

test('a deactivated person comes back without the sessions that ended', async () => {
  const { tenant, admin, member } = await aTeam();
  const userId = member.user.id;

  await admin.client.directory.users.deactivate.mutate({ userId });
  await admin.client.directory.users.deactivate.mutate({ userId });
  const back = await admin.client.directory.users.reactivate.mutate({ userId });

  expect(back.active).toBe(true);
  expect((await world.send('/api/auth/me', { token: member.accessToken })).status).toBe(401);
  const audit = await auditOf(world, tenant.id);
  expect(audit.filter((action) => action === 'user.deactivated')).toHaveLength(1);
  expect(audit.filter((action) => action === 'user.reactivated')).toHaveLength(1);
});

test('a role holds from the next request on, in the session that is open', async () => {
  const { owner, member } = await aTeam();

  await owner.client.directory.users.setRole.mutate({ userId: member.user.id, role: 'admin' });

  expect((await member.client.directory.users.list.query()).items).toHaveLength(3);
});

test('customer success acts in a directory, billing only looks', async () => {
  const { tenant, member } = await aTeam();
  const input = { tenantId: tenant.id, userId: member.user.id };
  const billing = (await anOperator(world, 'billing')).client.directory.users;
  const care = (await anOperator(world, 'customer_success')).client.directory.users;

  expect((await billing.get.query(input)).email).toBe(member.email);
  expect((await refusalOf(billing.deactivate.mutate(input))).reason).toBe('PERMISSION_DENIED');
  expect((await care.setRole.mutate({ ...input, role: 'owner' })).role).toBe('owner');
});
