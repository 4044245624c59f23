import type { TenantScope } from '../../db/scope.ts';

/** The limits whose places are counted where they are taken. */
export type PlaceLimit = 'users' | 'projects';

const counts: Readonly<Record<PlaceLimit | 'storageBytes', string>> = {
  users: `(select count(*) from users where tenant_id = t.id and active and removed_at is null)
    + (select count(*) from invitations where tenant_id = t.id and accepted_at is null and expired_at is null)`,
  projects: `(select count(*) from projects where tenant_id = t.id)`,
  storageBytes: `coalesce((select bytes from storage_usage where tenant_id = t.id), 0)`,
};

/** What a tenant that is limited uses of one limit, counted now. */
export async function countUsed({ em, tenant }: TenantScope, limit: keyof typeof counts): Promise<number> {
  await em.flush();
  const [row] = await em.execute<{ used: string }[]>(
    `select ${counts[limit]} as used from tenants t where id = ?`,
    [tenant.id],
  );
  return Number(row?.used ?? 0);
}
