import type { EntityManager } from '@mikro-orm/postgresql';
import { Tenant } from '../entities/tenant.ts';
import { joinsNext } from './joined-statements.ts';

/** A tenant as a look-up in front of the transaction saw it: its row, and which version of it that is. */
export type SeenTenant = { row: Record<string, unknown>; version: string };

/** What a look-up selects from `tenants t` to have seen a tenant. */
export const seenTenantColumns = `to_jsonb(t) as "row", t.xmin::text as "version"`;

/** How PostgreSQL says that a transaction trusted a tenant that has changed: a division by zero. */
export const tenantChangedCode = '22012';

/**
 * A transaction's tenant, or `null`. One that was seen costs no round trip: with the first statement travels another
 * that ends the transaction with `tenantChangedCode` if the tenant is not as it was seen.
 */
export async function readTenant(
  em: EntityManager,
  id: string,
  seen: SeenTenant | undefined,
): Promise<Tenant | null> {
  if (!seen) return em.findOne(Tenant, id);
  const isAsSeen = 'select 1 / count(*) from tenants where id = ? and xmin::text = ?';
  await em.execute(`${joinsNext} ${isAsSeen}`, [id, seen.version]);
  return em.map(Tenant, seen.row);
}
