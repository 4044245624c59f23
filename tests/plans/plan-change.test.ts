import { expect, test } from 'vitest';
import type { Plan } from '../../src/domain/plans/catalogue.ts';
import { termsOf } from '../../src/domain/plans/catalogue.ts';
import { refusalOf } from '../api/answers.ts';
import { anInvitation, theOwner } from '../api/people.ts';
import { aTenant, eventually, openWorld } from '../support/world.ts';

const world = await openWorld();
const { plans, tenants } = world.operator;
const note = 'agreed';

async function aSandbox(plan: Plan = 'professional') {
  const { id: tenantId } = await aTenant(world, { plan, sandbox: true });
  return tenantId;
}

/** The plan's state once the worker has put the tenant on it. */
function onceOn(tenantId: string, plan: Plan) {
  return eventually(async () => {
    const current = await plans.current.query({ tenantId });
    return current.plan === plan && current;
  }, `the ${plan} plan`);
}

/** Invites people until so many places are taken: the invited owner has one already. */
async function fill(tenantId: string, users: number): Promise<void> {
  for (let n = 1; n < users; n += 1) {
    const email = `u${n}@${tenantId}.example`;
    await anInvitation(world, tenantId, { email, role: 'member' });
  }
}

test('an operator says why', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });

  expect(await refusalOf(plans.change.mutate({ tenantId, plan: 'starter' }))).toMatchObject({
    reason: 'INVALID_INPUT',
  });
});

test('an upgrade is at once, and tells what was and what is, settings too', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });

  const changed = await plans.change.mutate({ tenantId, plan: 'enterprise', note });

  expect(changed).toMatchObject({
    outcome: 'changed',
    plan: 'enterprise',
    before: { plan: 'free', limits: termsOf('free').limits, settings: { sessionDays: 30 } },
    after: { plan: 'enterprise', features: { sso: true, scim: true }, settings: { sessionDays: 7 } },
    effects: { gained: ['sso', 'scim'], lost: [] },
  });
  expect(await plans.current.query({ tenantId })).toMatchObject(changed.after);
});

test('a downgrade is at the end of the period, can be taken back, and happens by itself', async () => {
  const tenantId = await aSandbox();

  const first = await plans.change.mutate({ tenantId, plan: 'free', note });
  expect(first).toMatchObject({ outcome: 'scheduled', plan: 'professional', scheduled: { plan: 'free' } });
  expect(await plans.cancelScheduled.mutate({ tenantId })).toMatchObject({ scheduled: null });
  await plans.change.mutate({ tenantId, plan: 'starter', note });
  await tenants.advanceClock.mutate({ tenantId, by: 'P13D' });
  expect((await plans.current.query({ tenantId })).plan).toBe('professional');
  await tenants.advanceClock.mutate({ tenantId, by: 'P1D' });

  const changed = await onceOn(tenantId, 'starter');
  expect(changed).toMatchObject({ scheduled: null, limits: termsOf('starter').limits });
});

test('what is over is listed, and nothing has changed', async () => {
  const tenantId = await aSandbox();
  await fill(tenantId, 6);

  const refusal = await refusalOf(plans.change.mutate({ tenantId, plan: 'free', when: 'now', note }));

  expect(refusal).toMatchObject({
    reason: 'PLAN_LIMIT_REACHED',
    limit: 'users',
    allowed: 5,
    used: 6,
    over: ['users'],
  });
  expect((await plans.current.query({ tenantId })).plan).toBe('professional');
});

test('a scheduled change that does not fit at its moment waits, and happens on a later day once it fits', async () => {
  const tenantId = await aSandbox('enterprise');
  const { effectiveAt } = await plans.change.mutate({ tenantId, plan: 'free', note });
  await fill(tenantId, 6);
  const days = Math.ceil((Date.parse(effectiveAt ?? '') - Date.now()) / 86_400_000);

  await tenants.advanceClock.mutate({ tenantId, by: `P${days}D` });
  const blocked = async () =>
    (await world.operator.audit.list.query({ tenantId, action: 'plan_change.blocked' })).items[0];
  expect(await eventually(blocked, 'the change is blocked')).toMatchObject({
    details: { to: 'free', over: ['users'] },
  });
  expect((await plans.current.query({ tenantId })).plan).toBe('professional');
  await plans.setOverrides.mutate({ tenantId, limits: { users: 6 }, note });
  await tenants.advanceClock.mutate({ tenantId, by: 'P1D' });

  expect(await onceOn(tenantId, 'free')).toMatchObject({ limits: { users: 6 } });
});

test('an owner asks for more, and operators decide; a newer wish replaces an open one', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const tenantId = tenant.id;
  const { client } = await theOwner(world, tenant);

  const first = await client.plans.change.mutate({ plan: 'starter' });
  const second = await client.plans.change.mutate({ plan: 'enterprise', note: 'we have grown' });
  const open = await plans.requests.list.query({ tenantId, state: 'open' });
  expect([first.outcome, second.outcome, second.plan]).toEqual(['requested', 'requested', 'free']);
  expect(open.items.map(({ id }) => id)).toEqual([second.requestId]);

  const requestId = second.requestId ?? '';
  await plans.requests.decide.mutate({ tenantId, requestId, approve: true, note });
  const again = await refusalOf(plans.requests.decide.mutate({ tenantId, requestId, approve: false, note }));

  expect((await client.plans.current.query()).plan).toBe('enterprise');
  expect(again.reason).toBe('CONFLICT');
});

test('a version that was bought stays until the plan changes', async () => {
  const { id: tenantId } = await aTenant(world);
  await world.inTenant(tenantId, ({ em }) =>
    em.execute(`update tenants set plan_version = 1 where id = ?`, [tenantId]),
  );

  expect((await plans.current.query({ tenantId })).limits).toEqual(termsOf('enterprise', 1).limits);
  await plans.change.mutate({ tenantId, plan: 'professional', when: 'now', note });
  await plans.change.mutate({ tenantId, plan: 'enterprise', note });

  expect((await plans.current.query({ tenantId })).limits).toEqual(termsOf('enterprise').limits);
});

test('agreements are in effect at once and end by themselves', async () => {
  const tenantId = await aSandbox('free');
  const expiresAt = new Date(Date.now() + 3 * 86_400_000).toISOString();

  await plans.setOverrides.mutate({
    tenantId,
    limits: { users: 9 },
    features: { scim: true },
    expiresAt,
    note,
  });
  const during = await plans.current.query({ tenantId });
  await tenants.advanceClock.mutate({ tenantId, by: 'P4D' });
  const after = await eventually(async () => {
    const current = await plans.current.query({ tenantId });
    return current.overrides === null && current;
  }, 'the end of what was agreed');

  expect(during).toMatchObject({
    limits: { users: 9 },
    features: { scim: true },
    overrides: { expiresAt, note },
  });
  expect(after).toMatchObject({ limits: { users: 5 }, features: { scim: false }, overrides: null });
});

test('a preview tells what then happens, and is refused when the world has moved', async () => {
  const { id: tenantId } = await aTenant(world);
  const change = { tenantId, plan: 'free' as const, when: 'now' as const, note };

  const first = await plans.change.mutate({ ...change, preview: true });
  await plans.setOverrides.mutate({ tenantId, limits: { users: 9 }, note });
  const previewToken = first.preview?.previewToken;
  expect((await refusalOf(plans.change.mutate({ ...change, previewToken }))).reason).toBe('CONFLICT');
  const second = await plans.change.mutate({ ...change, preview: true });
  const done = await plans.change.mutate({ ...change, previewToken: second.preview?.previewToken });

  const { preview, effectiveAt: _, ...told } = second;
  const { effectiveAt: __, ...happened } = done;
  expect(preview?.state.after.plan).toBe('free');
  expect(happened).toEqual(told);
});

test('of a change to a smaller plan and 32 invitations at once, none ends above the limit', async () => {
  const tenantId = await aSandbox();

  const invited = Array.from({ length: 32 }, (_, n) =>
    anInvitation(world, tenantId, { email: `r${n}@${tenantId}.example`, role: 'member' }),
  );
  await Promise.allSettled([...invited, plans.change.mutate({ tenantId, plan: 'free', when: 'now', note })]);

  const { usage, limits } = await plans.current.query({ tenantId });
  expect(usage.users).toBeLessThanOrEqual(limits.users ?? 0);
});
