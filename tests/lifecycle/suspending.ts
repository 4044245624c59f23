import { Deadline } from '../../src/db/entities/control.ts';
import { Notification } from '../../src/db/entities/notification.ts';
import type { DeadlineKind } from '../../src/domain/lifecycle/deadlines.ts';
import { eventually, type World } from '../support/world.ts';

type Named = { id: string };

/** What tests of suspensions do and look at, on one world. */
export function suspending(world: World) {
  const { operator } = world;
  const get = ({ id }: Named) => operator.tenants.get.query({ tenantId: id });
  return {
    get,
    history: async ({ id }: Named) => (await operator.suspension.history.query({ tenantId: id })).items,
    advance: ({ id }: Named, by: string) => operator.tenants.advanceClock.mutate({ tenantId: id, by }),
    until: (tenant: Named, status: string) =>
      eventually(async () => (await get(tenant)).status === status, `the tenant to be ${status}`),
    /** A moment of the tenant's own time, in days from its present. */
    inDays: async (tenant: Named, days: number) =>
      new Date(Date.parse((await get(tenant)).now) + days * 86_400_000).toISOString(),
    /** The kinds of its deadlines that suspensions set or clear, sorted. */
    deadlinesOf: ({ id }: Named): Promise<DeadlineKind[]> =>
      world.inTenant(id, async ({ em }) => {
        const kinds = (await em.find(Deadline, { tenantId: id })).map(({ kind }) => kind);
        return kinds.filter((kind) => /^(suspension|payment|inactivity|trial)_/.test(kind)).toSorted();
      }),
    /** The mails of the lifecycle that its people were promised, oldest first. */
    toldOf: ({ id }: Named): Promise<string[]> =>
      world.inTenant(id, async ({ em }) => {
        const told = await em.find(Notification, { tenantId: id }, { orderBy: { id: 'asc' } });
        const toPeople = told.filter(
          ({ mail, recipientKind }) => mail !== 'invitation' && recipientKind !== 'operator',
        );
        return toPeople.map(({ mail }) => mail);
      }),
  };
}
