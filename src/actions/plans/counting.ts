import type { LimitName } from '../../domain/plans/catalogue.ts';
import type { TenantScope } from '../../db/scope.ts';

/** The limits whose places are counted where they are taken. */
export type PlaceLimit = 'users' | 'projects';

/** What is counted here; API calls are where they are taken. */
type CountedLimit = Exclude<LimitName, 'apiCalls'>;

/** What takes a place, as the triggers count it too. Bytes are counted as they come while they are limited. */
const counts: Readonly<Record<CountedLimit, string>> = {
  users: `(select count(*) from users where tenant_id = t.id and active and removed_at is null)
    + (select count(*) from invitations where tenant_id = t.id and accepted_at is null and expired_at is null)`,
  projects: `(select count(*) from projects where tenant_id = t.id)`,
  storageBytes: `coalesce((select bytes from storage_usage where tenant_id = t.id)::numeric,
    (select sum(bytes) from project_files where tenant_id = t.id), 0)`,
};

/** What a tenant uses of one limit, counted now. */
export async function countUsed(scope: TenantScope, limit: CountedLimit): Promise<number> {
  return Number((await select(scope, `${counts[limit]} as used`))['used']);
}

/** What a tenant uses of every limit that is counted here. */
export async function readUsage(scope: TenantScope): Promise<Record<CountedLimit, number>> {
  const columns = Object.entries(counts).map(([limit, count]) => `${count} as "${limit}"`);
  const row = await select(scope, columns.join(', '));
  const { users, projects, storageBytes } = row;
  return { users: Number(users), projects: Number(projects), storageBytes: Number(storageBytes) };
}

async function select({ em, tenant }: TenantScope, columns: string): Promise<Record<string, string>> {
  await em.flush();
  const [row] = await em.execute<Record<string, string>[]>(`select ${columns} from tenants t where id = ?`, [
    tenant.id,
  ]);
  if (!row) throw new Error(`tenant ${tenant.id} is there in its own scope`);
  return row;
}
