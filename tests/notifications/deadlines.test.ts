import { expect, test } from 'vitest';
import { PlanPolicy } from '../../src/db/entities/operations.ts';
import { anOperator, theOwner } from '../api/people.ts';
import { aTenant, mailTo, openWorld, type TestTenant } from '../support/world.ts';

const world = await openWorld();

const advance = ({ id }: TestTenant, by: string) =>
  world.operator.tenants.advanceClock.mutate({ tenantId: id, by });

test.concurrent('the notices of a trial say when it ends, and what comes after', async () => {
  const tenant = await aTenant(world, { plan: 'professional', sandbox: true });
  await theOwner(world, tenant);

  await advance(tenant, 'P7D');
  const week = await mailTo(world, tenant.ownerEmail, /ends in 7 days$/);
  await advance(tenant, 'P6D');
  const day = await mailTo(world, tenant.ownerEmail, /ends in 1 day$/);
  await advance(tenant, 'P1D');
  const ended = await mailTo(world, tenant.ownerEmail, /has ended$/);

  const { trialEndsAt } = await world.operator.tenants.get.query({ tenantId: tenant.id });
  const year = new Date(trialEndsAt ?? '').getUTCFullYear();
  for (const { text } of [week, day]) {
    expect(text).toMatch(new RegExp(`The trial of the professional plan .+ ends on .+ ${year} at .+ UTC\\.`));
    expect(text).toContain('Choose a plan before then');
  }
  expect(ended.text).toContain('goes on with the free plan');
});

test.concurrent('a tenant that nobody uses is warned twice, then told of its suspension', async () => {
  await world.db.asControlPlane(world.entry({ kind: 'system' }), async ({ em, now }) => {
    em.create(PlanPolicy, { plan: 'enterprise', inactivityDays: 30, updatedAt: now });
  });
  const tenant = await aTenant(world, { plan: 'enterprise', sandbox: true });
  const owner = await theOwner(world, tenant);

  await advance(tenant, 'P16D');
  const first = await mailTo(world, owner.email, /will be suspended in 14 days$/);
  await advance(tenant, 'P11D');
  const second = await mailTo(world, owner.email, /will be suspended in 3 days$/);
  await advance(tenant, 'P3D');
  const suspended = await mailTo(world, owner.email, /has been suspended$/);

  const dates = [first, second].map(({ text }) => /since (.+ UTC)\. On (.+ UTC) it will be/.exec(text ?? ''));
  expect(dates[0]?.[0]).toBe(dates[1]?.[0]);
  const [, since = '', until = ''] = dates[0] ?? [];
  const days = (Date.parse(until.replace(' at', '')) - Date.parse(since.replace(' at', ''))) / 86_400_000;
  expect(days).toBe(30);
  expect(first.text).toContain('Sign in before then');
  expect(suspended.text).toContain('nobody has used it for long');
  expect(suspended.text).toContain('Sign in: that lifts the suspension by itself.');
});

test.concurrent('a task that is overdue by two days is mailed to its backup, with what to type', async () => {
  const tenant = await aTenant(world, { plan: 'free', sandbox: true });
  const backup = await anOperator(world, 'engineering');
  await world.operator.suspension.suspend.mutate({
    tenantId: tenant.id,
    trigger: 'payment_failure',
    mode: 'read_only',
    note: 'invoice 7',
  });

  await advance(tenant, 'P2D');

  const { subject, text } = await mailTo(world, backup.email, /^Overdue/);
  expect(subject).toBe(
    `Overdue, yours now: review the suspension and resolve its cause (Tenant ${tenant.slug})`,
  );
  expect(text).toContain('Owner: customer_success');
  expect(text).toContain('Priority: P0');
  expect(text).toMatch(/npx tenantry call tasks\.complete '\{"tenantId":"[\w-]+","taskId":"[\w-]+",/);
});

test.concurrent('a token of the directory that expires is told of 30, 7 and 1 days before', async () => {
  const tenant = await aTenant(world, { plan: 'enterprise', sandbox: true });
  const owner = await theOwner(world, tenant);
  const expiresAt = new Date(Date.now() + 40 * 86_400_000).toISOString();
  await world.operator.connections.scim.createToken.mutate({ tenantId: tenant.id, label: 'Okta', expiresAt });

  const future = await titlesOf(tenant);
  await advance(tenant, 'P10DT1M');
  const month = await mailTo(world, owner.email, /directory of .+ expires in 30 days$/);
  await advance(tenant, 'P23D');
  await mailTo(world, owner.email, /expires in 7 days$/);
  await advance(tenant, 'P6D');
  await mailTo(world, owner.email, /expires in 1 day$/);

  expect(future).toEqual([30, 7, 1].map(sayNotice));
  expect(month.text).toMatch(/The token “Okta”.+ expires on .+ UTC\./);
});

test.concurrent('a token that was rotated or revoked is told of no more; its successor is', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'enterprise', sandbox: true });
  const { scim } = world.operator.connections;
  const expiresAt = new Date(Date.now() + 20 * 86_400_000).toISOString();
  await scim.createToken.mutate({ tenantId, label: 'for good' });
  const token = await scim.createToken.mutate({ tenantId, label: 'ends', expiresAt });

  const before = await titlesOf({ id: tenantId });
  const successor = await scim.rotateToken.mutate({ tenantId, tokenId: token.id });
  const rotated = await titlesOf({ id: tenantId });
  await scim.revokeToken.mutate({ tenantId, tokenId: successor.id });

  expect(before).toEqual([7, 1].map(sayNotice));
  expect(rotated).toEqual([7, 1].map(sayNotice));
  expect(await titlesOf({ id: tenantId })).toEqual([]);
});

const sayNotice = (days: number) =>
  `the admins are told that a token of the directory expires in ${days} ${days === 1 ? 'day' : 'days'}`;

/** What is to come of the tenant's tokens, as its timeline says it. */
async function titlesOf({ id }: Pick<TestTenant, 'id'>): Promise<string[]> {
  const { entries } = await world.operator.tenants.timeline.query({ tenantId: id });
  return entries.map(({ title }) => title).filter((title) => title.includes('token of the directory'));
}
