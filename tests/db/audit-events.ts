import { noTenant } from '../../src/db/policies.ts';
import type { Scope } from '../../src/db/scope.ts';
import type { World } from '../support/world.ts';

/** Every stored audit event of a tenant, or of none, as the text that the database holds. */
export async function eventTexts(world: World, tenantId: string): Promise<string[]> {
  const read = async ({ em }: Scope) => {
    const rows = await em.execute<{ text: string }[]>(
      `select e::text as text from audit_events e where tenant_id = ? order by id`,
      [tenantId],
    );
    return rows.map(({ text }) => text);
  };
  if (tenantId === noTenant) return world.db.asControlPlane(world.entry({ kind: 'system' }), read);
  return world.inTenant(tenantId, read);
}

/** How many there are. */
export async function eventCount(world: World, tenantId: string): Promise<number> {
  return (await eventTexts(world, tenantId)).length;
}
