import { describe, expect, test } from 'vitest';
import type { TenantryClient } from '../../src/cli/client.ts';
import { type LifecycleEventType, lifecycleEventTypes } from '../../src/domain/webhooks.ts';
import { sweepDeadlines } from '../../src/worker/sweep.ts';
import { refusalOf } from '../api/answers.ts';
import { anOperator } from '../api/people.ts';
import { claimPurge, purge } from '../purge/tenants.ts';
import { aRegistration, aTenant, type TestTenant } from '../support/world.ts';
import { openReceiver } from './receiver.ts';
import { aListeningTenant, anOperatorEndpoint, openWebhookWorld } from './webhook-world.ts';

const world = await openWebhookWorld();
const { operator } = world;
const ears = await anOperatorEndpoint(world);
const onlooker = await anOperator(world, 'read_only');

const note = 'a test';
const sweep = () =>
  sweepDeadlines(world.db, (due, error) => {
    throw new Error(`${due.kind} failed`, { cause: error });
  });

type Change = (client: TenantryClient, tenant: TestTenant) => Promise<unknown>;
type Case = { given?: () => Promise<TestTenant>; change: Change; status: string };

const aFree = (sandbox = false) => aTenant(world, { plan: 'free', sandbox });
const onNotice = async (sandbox = false) => {
  const tenant = await aFree(sandbox);
  await operator.offboarding.schedule.mutate({ tenantId: tenant.id, trigger: 'customer_request', note });
  return tenant;
};
const aReady = async () => {
  const tenant = await aTenant(world, { onboarding: true });
  const { open } = await operator.onboarding.get.query({ tenantId: tenant.id });
  for (const step of open) await operator.onboarding.waiveStep.mutate({ tenantId: tenant.id, step, note });
  return tenant;
};
const suspend: Change = (client, { id: tenantId }) =>
  client.suspension.suspend.mutate({ tenantId, trigger: 'terms_violation', mode: 'blocked', note });

/** An endpoint of a tenant that exists already. */
async function openOwn({ id: tenantId }: TestTenant) {
  const receiver = await openReceiver();
  const endpoint = await operator.webhooks.create.mutate({ tenantId, url: receiver.url });
  return { receiver, endpoint };
}

type Elsewhere = 'tenant.created' | 'tenant.purged' | 'directory.mass_deprovisioning';
type Told = Exclude<LifecycleEventType, Elsewhere>;

/** What makes each event happen. An event type that is missing here does not compile. */
const cases: Record<Told, Case> = {
  'tenant.activated': {
    given: aReady,
    change: (client, { id: tenantId }) => client.onboarding.goLive.mutate({ tenantId }),
    status: 'active',
  },
  'tenant.plan_changed': {
    change: (client, { id: tenantId }) =>
      client.plans.change.mutate({ tenantId, plan: 'starter', note, when: 'now' }),
    status: 'active',
  },
  'tenant.trial_will_end': {
    given: () => aTenant(world, { plan: 'professional', sandbox: true }),
    change: async (client, { id: tenantId }) => {
      await client.tenants.advanceClock.mutate({ tenantId, by: 'P11D' });
      await sweep();
    },
    status: 'trial',
  },
  'tenant.suspended': { change: suspend, status: 'suspended' },
  'tenant.reinstated': {
    given: async () => {
      const tenant = await aFree();
      await suspend(operator, tenant);
      return tenant;
    },
    change: (client, { id: tenantId }) => client.suspension.reinstate.mutate({ tenantId, note }),
    status: 'active',
  },
  'tenant.offboarding_scheduled': {
    change: (client, { id: tenantId }) =>
      client.offboarding.schedule.mutate({ tenantId, trigger: 'customer_request', note }),
    status: 'active',
  },
  'tenant.offboarding_cancelled': {
    given: onNotice,
    change: (client, { id: tenantId }) => client.offboarding.cancel.mutate({ tenantId, note }),
    status: 'active',
  },
  'tenant.offboarded': {
    given: () => onNotice(true),
    change: async (client, { id: tenantId }) => {
      await client.tenants.advanceClock.mutate({ tenantId, by: 'P30D' });
      await sweep();
    },
    status: 'offboarded',
  },
};
const types = lifecycleEventTypes.filter((type): type is Told => Object.hasOwn(cases, type));

test.each(types)('%s is told when it has happened, once, and not when it was refused', async (type) => {
  const { given = aFree, change, status } = cases[type];
  const tenant = await given();
  const { receiver } = await openOwn(tenant);
  await world.deliver();
  const before = ears.receiver.about(tenant).length;

  await refusalOf(change(onlooker.client, tenant));
  await world.deliver();
  const refused = ears.receiver.about(tenant).length;
  await change(operator, tenant);
  await world.deliver();

  const [told, ...more] = ears.receiver.about(tenant).slice(before);
  expect(refused).toBe(before);
  expect(more).toEqual([]);
  expect(told?.event).toMatchObject({ type, data: { tenant: { id: tenant.id, slug: tenant.slug, status } } });
  expect(receiver.received.map(({ event }) => event.type)).toEqual([type]);
  expect(receiver.received[0]?.id).toBe(told?.id);
});

describe('tenant.created', () => {
  test('is told when an operator makes one, and not when the slug is taken', async () => {
    const tenant = await aTenant(world, { onboarding: true });
    await refusalOf(
      operator.tenants.create.mutate({
        name: 'Again',
        slug: tenant.slug,
        plan: 'free',
        adminEmail: 'x@y.example',
      }),
    );
    await world.deliver();

    const told = ears.receiver.received.filter(({ event }) => event.data.tenant.slug === tenant.slug);
    expect(told.map(({ event }) => event)).toMatchObject([
      { type: 'tenant.created', data: { tenant: { id: tenant.id, status: 'onboarding' } } },
    ]);
  });

  test('is told when somebody registers', async () => {
    const { tenant } = await aRegistration(world);
    await world.deliver();

    expect(ears.receiver.about(tenant).map(({ event }) => event.type)).toEqual(['tenant.created']);
  });
});

test('the end of a trial is told as tenant.activated, with the plan that goes on', async () => {
  const tenant = await aTenant(world, { plan: 'professional', sandbox: true });
  await world.deliver();
  const before = ears.receiver.about(tenant).length;

  await operator.tenants.advanceClock.mutate({ tenantId: tenant.id, by: 'P90D' });
  await sweep();
  await world.deliver();

  const told = ears.receiver.about(tenant).slice(before);
  expect(told.map(({ event }) => event.type)).toContain('tenant.activated');
  expect(told.at(-1)?.event.data.tenant).toMatchObject({ plan: 'free', status: 'active' });
});

test('tenant.purged is told when the purge is certified, to the operator alone, and names nothing but an id', async () => {
  const tenant = await aFree(true);
  const { receiver } = await openOwn(tenant);
  await claimPurge(world, tenant);
  await world.deliver();
  const before = ears.receiver.about(tenant).length;
  const heard = receiver.received.length;

  await purge(world, tenant);
  await world.deliver();

  const told = ears.receiver.about(tenant).slice(before);
  expect(told.map(({ event }) => event)).toMatchObject([
    {
      type: 'tenant.purged',
      data: {
        tenant: { id: tenant.id },
        details: { trigger: 'customer_request', sandbox: true },
        customer: { accountOwner: null, contacts: [], crmId: null, billingId: null, notes: [] },
      },
    },
  ]);
  expect(told[0]?.body).not.toContain(tenant.slug);
  expect(receiver.received).toHaveLength(heard);
});

describe('the customer record', () => {
  const contact = { name: 'Carla Contact', email: 'carla@customer.example', role: 'CTO' };
  const ids = { crmId: 'crm-1', billingId: 'cus_1', supportId: 'org-1' };

  test('goes whole to the operator, and without ids and notes to the tenant', async () => {
    const tenant = await aListeningTenant(world);
    const tenantId = tenant.id;
    const accountOwner = 'amy@ops.example';
    await operator.customers.update.mutate({ tenantId, accountOwner, contacts: [contact], ...ids });
    await operator.customers.addNote.mutate({ tenantId, note: 'difficult to please' });

    await suspend(operator, tenant);
    await world.deliver();

    const [toOperator] = ears.receiver.about(tenant).slice(-1);
    const [toTenant] = tenant.receiver.received;
    expect(toTenant?.event.data.customer).toEqual({ accountOwner, contacts: [contact] });
    expect(toTenant?.body).not.toMatch(/difficult|crm-1|cus_1|org-1/);
    expect(toOperator?.event.data.customer).toMatchObject({ accountOwner, contacts: [contact], ...ids });
    expect(toOperator?.event.data.customer.notes.slice(0, 2)).toMatchObject([
      { action: 'tenant.suspended', text: note },
      { action: null, text: 'difficult to please' },
    ]);
  });

  test('that has no entry yet is empty, and never missing', async () => {
    const tenant = await aListeningTenant(world);

    await suspend(operator, tenant);
    await world.deliver();

    const empty = { accountOwner: null, contacts: [] };
    const unknown = { crmId: null, billingId: null, supportId: null };
    expect(tenant.receiver.received[0]?.event.data.customer).toEqual(empty);
    expect(ears.receiver.about(tenant).at(-1)?.event.data.customer).toMatchObject({ ...empty, ...unknown });
  });
});

test('what one tenant does is told to no other', async () => {
  const [one, other] = [await aListeningTenant(world), await aListeningTenant(world)];

  await suspend(operator, one);
  await world.deliver();

  expect(one.receiver.received).toHaveLength(1);
  expect(other.receiver.received).toEqual([]);
});
