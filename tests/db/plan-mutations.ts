import { aTenant, type World } from '../support/world.ts';

type Input = Record<string, unknown>;

/** How to call every mutation of plans and billing so that it changes something. */
export function planMutations(world: World): Readonly<Record<string, () => Promise<Input>>> {
  const aFree = async () => ({ tenantId: (await aTenant(world, { plan: 'free' })).id });
  return {
    'plans.change': async () => ({ ...(await aFree()), plan: 'starter', note: 'they grew' }),
    'plans.setPolicy': async () => ({ plan: 'starter', retentionDays: 45 }),
    'billing.recordPayment': async () => ({
      ...(await aFree()),
      paidUntil: '2100-01-01T00:00:00Z',
      note: 'by wire',
    }),
    'billing.recordFailure': async () => ({ ...(await aFree()), note: 'the wire did not come' }),
  };
}
