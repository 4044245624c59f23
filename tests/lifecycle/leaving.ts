import { eventually, aTenant, type TestTenant, type World } from '../support/world.ts';
import { Deadline } from '../../src/db/entities/control.ts';
import type { OffboardingTrigger } from '../../src/domain/lifecycle/offboarding.ts';

export const note = 'the customer asked';
export const day = 86_400_000;

/** What operators do to a tenant that leaves, and what is looked at. */
export function leaving(world: World) {
  const { operator } = world;
  const schedule = (tenant: { id: string }, trigger: OffboardingTrigger = 'customer_request') =>
    operator.offboarding.schedule.mutate({ tenantId: tenant.id, trigger, note });
  const get = (tenant: { id: string }) => operator.tenants.get.query({ tenantId: tenant.id });
  const advance = (tenant: { id: string }, by: string) =>
    operator.tenants.advanceClock.mutate({ tenantId: tenant.id, by });
  const offboarded = (tenant: { id: string }) =>
    eventually(async () => (await get(tenant)).status === 'offboarded', 'the offboarding');
  const deadlinesOf = ({ id }: { id: string }): Promise<Record<string, Date>> =>
    world.inTenant(id, async ({ em }) => {
      const found = await em.find(Deadline, { tenantId: id });
      return Object.fromEntries(found.map(({ kind, dueAt }) => [kind, dueAt]));
    });

  /** A sandbox tenant whose notice is over. */
  const anOffboarded = async (plan: 'free' | 'enterprise' = 'free'): Promise<TestTenant> => {
    const tenant = await aTenant(world, { plan, sandbox: true });
    await schedule(tenant);
    await advance(tenant, 'P30D');
    await offboarded(tenant);
    return tenant;
  };
  return { schedule, get, advance, offboarded, deadlinesOf, anOffboarded };
}
