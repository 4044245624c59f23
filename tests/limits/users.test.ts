import { expect, test } from 'vitest';
import type { Plan } from '../../src/domain/plans/catalogue.ts';
import { auditOf, refusalOf } from '../api/answers.ts';
import { theOwner } from '../api/people.ts';
import { createEntraClient } from '../support/scim-client.ts';
import { aScimToken, aTenant, eventually, mailTo, openWorld } from '../support/world.ts';
import { accept, addInvitations, addProjects, addUsers, anEmail, recount } from './crowd.ts';

const world = await openWorld();

const cells: readonly [Plan, number, number][] = [
  ['free', 5, 10],
  ['starter', 20, 50],
  ['professional', 100, 200],
];

async function onPlan(plan: Plan) {
  const tenant = await aTenant(world, { plan });
  const { client } = await theOwner(world, tenant);
  return {
    tenant,
    client,
    invite: (email = anEmail()) => client.directory.users.invite.mutate({ email, role: 'member' }),
  };
}

/** An enterprise tenant with so many users agreed, and what its directory can do. */
async function agreed(users: number, more: object = {}) {
  const tenant = await aTenant(world, { sandbox: true });
  const { client } = await theOwner(world, tenant);
  const { token, baseUrl } = await aScimToken(world, tenant);
  await world.operator.plans.setOverrides.mutate({
    tenantId: tenant.id,
    limits: { users },
    note: 'agreed',
    ...more,
  });
  const scim = createEntraClient({ baseUrl, token, fetch });
  const create = (email = anEmail()) =>
    scim.createUser({ userName: email, externalId: email, givenName: 'C', familyName: 'D', email });
  return { tenant, client, scim, create };
}

test.each(cells)(
  'a tenant on %s takes %s users, and no more: open invitations count',
  async (plan, users) => {
    const { tenant, invite } = await onPlan(plan);
    await world.inTenant(tenant.id, (scope) => addUsers(scope, users - 3));
    const last = anEmail();

    await invite();
    await invite(last);
    expect(await refusalOf(invite())).toMatchObject({
      reason: 'PLAN_LIMIT_REACHED',
      limit: 'users',
      allowed: users,
      used: users,
    });

    // Who accepts takes the place of the invitation.
    expect((await accept(world, tenant.id, last)).status).toBe(201);
    expect((await recount(world, tenant)).users).toBe(users);
  },
);

test.each(cells)('a tenant on %s (%s users) takes %s projects, and no more', async (plan, _, projects) => {
  const { tenant, client } = await onPlan(plan);
  await world.inTenant(tenant.id, (scope) => addProjects(scope, projects - 2));
  const create = () => client.projects.create.mutate({ name: 'P' });

  const { id } = await create();
  await create();
  expect(await refusalOf(create())).toMatchObject({ limit: 'projects', allowed: projects, used: projects });

  await client.projects.remove.mutate({ projectId: id });
  await create();
});

test('an enterprise tenant has no limit of users and projects, and takes no lock of its tenant', async () => {
  const { tenant, client } = await onPlan('enterprise');
  await world.inTenant(tenant.id, (scope) => addUsers(scope, 250));
  await world.inTenant(tenant.id, (scope) => addProjects(scope, 250));

  await world.inTenant(tenant.id, async ({ em }) => {
    await em.execute(`select from tenants where id = ? for no key update`, [tenant.id]);
    await client.projects.create.mutate({ name: 'while another holds the tenant' });
    await client.directory.users.invite.mutate({ email: anEmail(), role: 'member' });
  });
});

test('zero is a limit', async () => {
  const { tenant, client } = await onPlan('free');
  await world.operator.plans.setOverrides.mutate({
    tenantId: tenant.id,
    limits: { projects: 0 },
    note: 'none at all',
  });

  const refused = await refusalOf(client.projects.create.mutate({ name: 'P' }));

  expect(refused).toMatchObject({ reason: 'PLAN_LIMIT_REACHED', allowed: 0, used: 0 });
});

test('a directory is told of the limit in its own words, at creation and reactivation; who is inactive takes no place', async () => {
  const { tenant, scim, create } = await agreed(3);
  const { id = '' } = (await create()).body;
  expect((await create()).status).toBe(201);

  const refused = await create();

  expect(refused.status).toBe(403);
  expect(refused.body).toMatchObject({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: '403',
    detail: 'the enterprise plan allows 3 users (open invitations count), and 3 are used',
  });
  expect((await scim.disableUser(id)).status).toBe(200);
  expect((await create()).status).toBe(201);
  expect((await scim.enableUser(id)).status).toBe(403);
  expect(await recount(world, tenant)).toMatchObject({ users: 3 });
});

test('a deactivated user gives the place back at once, and needs one to return', async () => {
  const { tenant, client, invite } = await onPlan('free');
  await world.inTenant(tenant.id, (scope) => addUsers(scope, 4));
  const { items } = await client.directory.users.list.query();
  const userId = items.find(({ role }) => role === 'member')?.id ?? '';
  await refusalOf(invite());

  await client.directory.users.deactivate.mutate({ userId });
  await invite();

  const refused = await refusalOf(client.directory.users.reactivate.mutate({ userId }));
  expect(refused).toMatchObject({ reason: 'PLAN_LIMIT_REACHED', allowed: 5, used: 5 });
});

test('the database itself lets nobody in above the limit, whatever the door', async () => {
  const { tenant } = await onPlan('free');
  await world.inTenant(tenant.id, (scope) => addUsers(scope, 4));
  await world.inTenant(tenant.id, (scope) => addUsers(scope, 1, false));
  await world.inTenant(tenant.id, (scope) => addProjects(scope, 10));
  const full = { reason: 'PLAN_LIMIT_REACHED' };
  const tries = [
    world.inTenant(tenant.id, (scope) => addUsers(scope, 1)),
    world.inTenant(tenant.id, (scope) => addInvitations(scope, 1)),
    world.inTenant(tenant.id, (scope) => addProjects(scope, 1)),
    world.inTenant(tenant.id, ({ em }) =>
      em.execute(`update users set active = true where tenant_id = ? and not active`, [tenant.id]),
    ),
  ];

  for (const one of await Promise.allSettled(tries))
    expect(one).toMatchObject({ status: 'rejected', reason: full });
});

test('the admins hear of 80 and 100 % once for each crossing', async () => {
  const { tenant, client } = await onPlan('free');
  const create = () => client.projects.create.mutate({ name: 'P' });
  const told = () =>
    world.inTenant(tenant.id, async ({ em }) => {
      const rows = await em.execute<{ mail: string }[]>(
        `select occurrence as mail from notifications where tenant_id = ? and mail = 'usage_notice' order by promised_at`,
        [tenant.id],
      );
      return rows.map(({ mail }) => mail.split(' ').slice(0, 2).join(' '));
    });
  await world.inTenant(tenant.id, (scope) => addProjects(scope, 7));

  const { id } = await create();
  expect(await told()).toEqual(['projects 80']);
  await create();
  await create();
  expect(await told()).toEqual(['projects 80', 'projects 100']);
  await client.projects.remove.mutate({ projectId: id });
  await create();
  expect(await told()).toEqual(['projects 80', 'projects 100', 'projects 100']);
  await mailTo(world, tenant.ownerEmail, /uses 100 % of what its plan allows/);
});

test('a soft overage lets some more in, shows until when, and closes by itself', async () => {
  const { tenant, client, scim, create } = await agreed(100, { overage: { percent: 5, days: 7 } });
  await world.inTenant(tenant.id, (scope) => addUsers(scope, 99));
  expect((await client.plans.current.query()).overLimitUntil).toBeNull();
  const made = [];
  for (let at = 0; at < 5; at += 1) made.push(await create());

  expect(made.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
  expect((await create()).status).toBe(403);
  const { overLimitUntil } = await client.plans.current.query();
  expect(Date.parse(overLimitUntil ?? '') - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
  await mailTo(world, tenant.ownerEmail, /more users than were agreed/);
  expect((await auditOf(world, tenant.id)).filter((action) => action === 'overage.opened')).toHaveLength(1);

  await world.operator.tenants.advanceClock.mutate({ tenantId: tenant.id, by: 'P8D' });
  await eventually(async () => (await recount(world, tenant)).limit === 100, 'the overage is closed');
  await scim.disableUser(made[0]?.body.id ?? '');
  expect((await create()).body.detail).toContain('allows 100 users');

  for (const { body } of made) await scim.disableUser(body.id ?? '');
  expect((await client.plans.current.query()).overLimitUntil).toBeNull();
  expect((await create()).status).toBe(201);
  expect(await recount(world, tenant)).toEqual({ users: 101, projects: 0, limit: 105 });
});
