import { claimAhead } from '../deadlines.ts';
import { purgeOrder } from '../purge.ts';
import { openAnew, type TenantScope, watched } from '../scope.ts';

/** Does work within a transaction as if it were to stay, answers what it answers, and undoes it. */
export async function undo<T>(scope: TenantScope, work: () => Promise<T>): Promise<T> {
  const { em } = scope;
  await em.flush();
  await em.execute('savepoint undone');
  try {
    return await work();
  } finally {
    await em.execute('rollback to savepoint undone');
  }
}

/**
 * The next of a tenant's deadlines until some moment of its own time, claimed in a scope of that moment, as the system.
 * `null` when nothing is due until then, or the tenant is being deleted.
 */
export async function stepAhead(scope: TenantScope, until: Date) {
  const anew = await openAnew(scope);
  const due = anew.tenant.purgeClaimedAt ? null : await claimAhead(anew, until);
  if (!due) return null;
  // What is overdue fires now; a sandbox tenant's at its own moment, as the sweep does it.
  const tenantNow = due.dueAt < scope.tenantNow && !scope.tenant.sandbox ? scope.tenantNow : due.dueAt;
  return { due, scope: watched<TenantScope>({ ...anew, tenantNow, actor: { kind: 'system' } }) };
}

/** How many rows of the tenant each table holds, as this transaction sees it: what a purge would delete. */
export async function countTenantRows({ em, tenant }: TenantScope): Promise<Record<string, number>> {
  const tables = purgeOrder(em.getMetadata());
  const counts = tables.map(
    ({ name, owner }) => `(select count(*)::int from "${name}" where "${owner}" = ?) as "${name}"`,
  );
  const [rows] = await em.execute<Record<string, number>[]>(
    `select ${counts.join(', ')}`,
    tables.map(() => tenant.id),
  );
  return rows ?? {};
}
