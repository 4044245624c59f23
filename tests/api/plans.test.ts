import { expect, test } from 'vitest';
import { PlanChange } from '../../src/db/entities/work.ts';
import { plans as planNames, termsOf } from '../../src/domain/plans/catalogue.ts';
import { aRegistration, aTenant, openWorld } from '../support/world.ts';
import { refusalOf } from './answers.ts';
import { anOperator, aPerson, theOwner } from './people.ts';

const world = await openWorld();
const { plans } = world.operator;

const historyOf = (tenantId: string) =>
  world.inTenant(tenantId, async ({ em }) => {
    const changes = await em.find(PlanChange, { tenantId }, { orderBy: { id: 'asc' } });
    return changes.map(({ fromPlan, toPlan, byKind, note }) => ({ fromPlan, toPlan, byKind, note }));
  });

test('the catalogue shows the four plans of the manual to anybody signed in', async () => {
  const { accessToken } = await aRegistration(world);

  const shown = await world.as(accessToken).plans.catalogue.query();

  expect(shown).toEqual(planNames.map((plan) => ({ plan, ...termsOf(plan), inactivityDays: null })));
  expect(await plans.catalogue.query()).toEqual(shown);
});

test('the current plan comes with its limits and features, to every member', async () => {
  const tenant = await aTenant(world);
  const { client } = await aPerson(world, tenant.id, 'member');

  expect(await client.plans.current.query()).toMatchObject({
    tenantId: tenant.id,
    plan: 'enterprise',
    features: { sso: true, scim: true },
    limits: termsOf('enterprise').limits,
  });
});

test('an operator changes a plan at once, and each change stands in the history', async () => {
  const { tenant, accessToken } = await aRegistration(world);
  const tenantId = tenant.id;

  await plans.change.mutate({ tenantId, plan: 'professional', note: 'grew', when: 'now' });
  const changed = await plans.change.mutate({ tenantId, plan: 'starter', when: 'now', note: 'agreed' });

  expect(changed).toMatchObject({ plan: 'starter' });
  expect((await world.as(accessToken).plans.current.query()).plan).toBe('starter');
  expect(await historyOf(tenantId)).toEqual([
    { fromPlan: 'free', toPlan: 'professional', byKind: 'operator', note: 'grew' },
    { fromPlan: 'professional', toPlan: 'starter', byKind: 'operator', note: 'agreed' },
  ]);
});

test('the plan a tenant is on already is a conflict, and leaves no history', async () => {
  const { tenant } = await aRegistration(world);

  const refusal = await refusalOf(
    plans.change.mutate({ tenantId: tenant.id, plan: 'free', when: 'now', note: 'agreed' }),
  );

  expect(refusal).toMatchObject({ reason: 'CONFLICT', message: 'this tenant is on the free plan already' });
  expect(await historyOf(tenant.id)).toEqual([]);
});

test('of two changes to the same plan at once one happens', async () => {
  const { tenant } = await aRegistration(world);
  const change = () =>
    plans.change.mutate({ tenantId: tenant.id, plan: 'starter', when: 'now', note: 'agreed' });

  const [one, two] = await Promise.allSettled([
    change(),
    world
      .as(world.bootstrapToken)
      .plans.change.mutate({ tenantId: tenant.id, plan: 'starter', when: 'now', note: 'agreed' }),
  ]);

  expect([one.status, two.status].toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(await historyOf(tenant.id)).toHaveLength(1);
});

test('a plan does not change while the tenant is in onboarding', async () => {
  const { id: tenantId } = await aTenant(world, { onboarding: true });

  const refusal = await refusalOf(
    plans.change.mutate({ tenantId, plan: 'starter', when: 'now', note: 'agreed' }),
  );

  expect(refusal).toMatchObject({
    reason: 'TRANSITION_NOT_ALLOWED',
    from: 'onboarding',
    action: 'change_plan',
  });
});

test('billing and customer success change plans; readers and members do not', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const tenantId = tenant.id;
  const billing = await anOperator(world, 'billing');
  const reader = await anOperator(world, 'read_only');
  const member = await aPerson(world, tenantId, 'member');
  await theOwner(world, tenant);

  expect(
    (
      await refusalOf(
        reader.client.plans.change.mutate({ tenantId, plan: 'starter', when: 'now', note: 'agreed' }),
      )
    ).reason,
  ).toBe('PERMISSION_DENIED');
  expect(
    (await refusalOf(member.client.plans.change.mutate({ plan: 'starter', when: 'now', note: 'agreed' })))
      .reason,
  ).toBe('PERMISSION_DENIED');
  expect(
    (await billing.client.plans.change.mutate({ tenantId, plan: 'starter', when: 'now', note: 'agreed' }))
      .plan,
  ).toBe('starter');
});
