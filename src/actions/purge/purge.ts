import { Tombstone } from '../../db/entities/tombstone.ts';
import { countJobsAbout, deleteJobsAbout } from '../../db/jobs.ts';
import {
  countDeleted,
  countRows,
  deleteRows,
  lockTenantAway,
  purgeOrder,
  type PurgeTable,
  takeTombstone,
} from '../../db/purge.ts';
import { atJobs, type ControlScope, type PurgeScope } from '../../db/scope.ts';

/** How many rows a transaction deletes at most. */
export const batchRows = 5000;

/** What a step of a purge answers: nothing is left for it, there is more, or another worker is at this purge. */
export type Progress = 'done' | 'more' | 'busy';

/** What lay outside the database when the tenant's key was destroyed, after which nothing is added. */
export type Inventory = { files: number; bytes: number; mails: number };

/** The tenants whose purge was claimed and is not certified yet, the oldest first. */
export async function listUnfinishedPurges({ em }: ControlScope): Promise<string[]> {
  const unfinished = { state: { $ne: 'certified' } } as const;
  const tombstones = await em.find(Tombstone, unfinished, { fields: ['id'], orderBy: { claimedAt: 'asc' } });
  return tombstones.map(({ id }) => id);
}

/** Notes that the tenant's key is destroyed, and what there was outside the database at that moment. Once. */
export async function noteKeyDestroyed(scope: PurgeScope, inventory: Inventory): Promise<Progress> {
  if (!(await takeTombstone(scope))) return 'busy';
  const { em, tenantId, now } = scope;
  const unnoted = { id: tenantId, keyDestroyedAt: null };
  await em.nativeUpdate(Tombstone, unnoted, { ...inventory, keyDestroyedAt: now, state: 'deleting' });
  return 'done';
}

/** Deletes the tenant's jobs but for those at work, which end by themselves or with their worker. */
export async function deleteJobs(scope: PurgeScope): Promise<Progress> {
  if (!(await takeTombstone(scope))) return 'busy';
  const { em, tenantId } = scope;
  const about = { tenantId, personIds: [] };
  const deleted = await atJobs(scope, () => deleteJobsAbout(scope, about));
  await em.execute(`update tombstones set jobs = jobs + ? where id = ?`, [deleted, tenantId]);
  const left = await atJobs(scope, () => countJobsAbout(scope, about));
  return left === 0 ? 'done' : 'more';
}

/** The tables that a purge empties, in its order; the tenants themselves are none of them. */
export function listTables({ em }: PurgeScope): PurgeTable[] {
  return purgeOrder(em.getMetadata()).filter(({ name }) => name !== 'tenants');
}

/** Deletes one batch of a table's rows, and counts it in the same transaction. */
export async function deleteBatch(scope: PurgeScope, table: PurgeTable): Promise<Progress> {
  if (!(await takeTombstone(scope))) return 'busy';
  const rows = await deleteRows(scope, table, batchRows);
  await countDeleted(scope, table.name, rows);
  return rows < batchRows ? 'done' : 'more';
}

/**
 * Deletes the tenant itself, and what others wrote for it until they found its row locked. From here on nobody can
 * write for it: foreign keys and triggers ask for that row.
 */
export async function deleteTenant(scope: PurgeScope): Promise<Progress> {
  if (!(await takeTombstone(scope))) return 'busy';
  await lockTenantAway(scope);
  for (const table of purgeOrder(scope.em.getMetadata()))
    await countDeleted(scope, table.name, await deleteRows(scope, table, null));
  await scope.em.nativeUpdate(Tombstone, { id: scope.tenantId }, { state: 'verifying' });
  return 'done';
}

/** What is left of the tenant in the database: rows by table, and jobs. */
export async function countLeft(scope: PurgeScope) {
  const { tenantId } = scope;
  return {
    rows: await countRows(scope),
    jobs: await atJobs(scope, () => countJobsAbout(scope, { tenantId, personIds: [] })),
    tables: purgeOrder(scope.em.getMetadata()).length,
  };
}
