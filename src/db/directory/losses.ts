import type { TenantScope } from '../scope.ts';

/**
 * How many people the directory has taken since a time, counted no further than `most`: it costs what is counted,
 * and not how many people there are.
 */
export async function countLosses({ em, tenant }: TenantScope, since: Date, most: number): Promise<number> {
  const [row] = await em.execute<{ taken: number }[]>(
    `select count(*)::int as taken from (
       select from users where tenant_id = ? and deactivated_by is not null and deactivated_at > ? limit ?) as losses`,
    [tenant.id, since, most],
  );
  return row?.taken ?? 0;
}

/** The people of a tenant before its directory began to take them: those who are active, and those taken since. */
export async function countPeople(
  { em, tenant }: TenantScope,
  since: Date,
): Promise<{ active: number; taken: number; firstLossAt: Date | null }> {
  const [row] = await em.execute<{ active: number; taken: number; first_loss_at: string | null }[]>(
    `select (select count(*)::int from users where tenant_id = ? and active) as active,
       count(*)::int as taken, min(deactivated_at) as first_loss_at
     from users where tenant_id = ? and deactivated_by is not null and deactivated_at > ?`,
    [tenant.id, tenant.id, since],
  );
  const firstLossAt = row?.first_loss_at ? new Date(row.first_loss_at) : null;
  return { active: row?.active ?? 0, taken: row?.taken ?? 0, firstLossAt };
}
