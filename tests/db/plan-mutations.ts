import { randomUUID } from 'node:crypto';
import { BillingEvent } from '../../src/db/entities/billing.ts';
import { theOwner } from '../api/people.ts';
import { aTenant, type World } from '../support/world.ts';

type Input = Record<string, unknown>;

async function aRequest(world: World): Promise<Input> {
  const tenant = await aTenant(world, { plan: 'free' });
  const { client } = await theOwner(world, tenant);
  const asked = await client.plans.change.mutate({ plan: 'enterprise' });
  return { tenantId: tenant.id, requestId: 'requestId' in asked ? asked.requestId : null };
}

/** How to call every mutation of plans and billing so that it changes something. */
export function planMutations(world: World): Readonly<Record<string, () => Promise<Input>>> {
  const aFree = async () => ({ tenantId: (await aTenant(world, { plan: 'free' })).id });
  return {
    'plans.change': async () => ({ ...(await aFree()), plan: 'starter', note: 'they grew' }),
    'plans.cancelScheduled': async () => {
      const { id: tenantId } = await aTenant(world, { plan: 'professional' });
      await world.operator.plans.change.mutate({ tenantId, plan: 'free', note: 'they shrink' });
      return { tenantId };
    },
    'plans.setOverrides': async () => ({ ...(await aFree()), limits: { users: 7 }, note: 'agreed' }),
    'plans.requests.decide': async () => ({ ...(await aRequest(world)), approve: true, note: 'agreed' }),
    'plans.requests.withdraw': () => aRequest(world),
    'plans.startTrial': async () => ({ ...(await aFree()), plan: 'professional', note: 'to see it' }),
    'plans.extendTrial': async () => ({
      tenantId: (await aTenant(world, { plan: 'starter' })).id,
      days: 7,
      note: 'holidays',
    }),
    'plans.setPolicy': async () => ({ plan: 'starter', retentionDays: 45 }),
    'billing.recordPayment': async () => ({
      ...(await aFree()),
      paidUntil: '2100-01-01T00:00:00Z',
      note: 'by wire',
    }),
    'billing.events.retry': async () => {
      const eventId = `evt_${randomUUID()}`;
      await world.db.asControlPlane(world.entry({ kind: 'system' }), async ({ em, now }) => {
        const times = { createdAt: now, receivedAt: now, settledAt: now };
        em.create(BillingEvent, {
          id: eventId,
          type: 'invoice.paid',
          via: 'webhook',
          state: 'failed',
          ...times,
        });
      });
      return { eventId };
    },
    'billing.recordFailure': async () => ({ ...(await aFree()), note: 'the wire did not come' }),
  };
}
