import {
  compareStored,
  confirmDamage,
  countFiles,
  type DamagedFile,
  type Expected,
  listExpected,
  repairUsage,
  reportDamage,
  type Stored,
} from '../actions/files/storage-comparison.ts';
import { everyProject, placeOfFile, placeOfProject, strandedAfterMinutes } from '../domain/files.ts';
import type { JobPayloads } from '../domain/jobs.ts';
import type { Database, Entry } from '../db/scope.ts';
import type { Log } from '../infra/log.ts';

const atOnce = 500;

/** Deletes the bytes of a file that is no more, or those of all files of a project. */
export async function deleteBytes(
  { ports }: Database,
  { tenantId, projectId, fileId }: JobPayloads['file.delete'],
): Promise<void> {
  if (fileId !== null) return ports.files.delete(tenantId, placeOfFile(projectId, fileId));
  for await (const { name } of ports.files.list(tenantId, placeOfProject(projectId))) {
    await ports.files.delete(tenantId, name);
  }
}

type Comparison = { db: Database; log: Log; entry: Entry & { tenantId: string } };

/**
 * Compares a tenant's files with what is stored. Usage is made what the files come to, bytes that belong to nobody are
 * deleted, and files whose bytes are missing or of another size are reported.
 */
export async function compareStorage(comparison: Comparison): Promise<void> {
  const { db, log, entry } = comparison;
  const { known, damaged } = await compareWhatLies(comparison);
  await db.inTenant(entry, repairUsage);
  const files = await db.inTenant(entry, countFiles);
  // Each file has its own bytes: only where there are more files than bytes of theirs have some gone missing.
  if (files > known) damaged.push(...(await findMissing(comparison)));
  if (damaged.length === 0) return;
  log.error({ tenantId: entry.tenantId, damaged }, 'stored files are missing or of another size');
  await db.inTenant(entry, (scope) => reportDamage(scope, damaged));
}

/** Removes what uploads left half-written that cannot be under way any more. */
export async function tidyStorage({ ports }: Database, now: Date): Promise<void> {
  await ports.files.tidy(new Date(now.getTime() - strandedAfterMinutes * 60_000));
}

async function compareWhatLies({ db, entry }: Comparison) {
  const found: { known: number; damaged: DamagedFile[] } = { known: 0, damaged: [] };
  for await (const batch of inBatches(db.ports.files.list(entry.tenantId, everyProject))) {
    const { known, stranded, damaged } = await db.inTenant(entry, (scope) => compareStored(scope, batch));
    found.known += known;
    found.damaged.push(...damaged);
    for (const name of stranded) await db.ports.files.delete(entry.tenantId, name);
  }
  return found;
}

async function findMissing({ db, entry }: Comparison): Promise<DamagedFile[]> {
  const missing: DamagedFile[] = [];
  let expected: Expected[] = [];
  do {
    const after = expected.at(-1)?.fileId ?? null;
    expected = await db.inTenant(entry, (scope) => listExpected(scope, after, atOnce));
    for (const file of expected) {
      if ((await db.ports.files.size(entry.tenantId, file.place)) !== null) continue;
      missing.push(...(await db.inTenant(entry, (scope) => confirmDamage(scope, file, null))));
    }
  } while (expected.length === atOnce);
  return missing;
}

async function* inBatches(all: AsyncIterable<Stored>): AsyncIterable<Stored[]> {
  let batch: Stored[] = [];
  for await (const stored of all) {
    batch.push(stored);
    if (batch.length < atOnce) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
