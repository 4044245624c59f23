import { placeOfFile, strandedAfterMinutes } from '../../domain/files.ts';
import { record } from '../../db/audit.ts';
import { ProjectFile } from '../../db/entities/file.ts';
import { Task } from '../../db/entities/operations.ts';
import { StorageUsage } from '../../db/entities/plans.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockAgainstWriters } from '../locks.ts';
import { openTask } from '../suspension/tasks.ts';

/** Something that is stored, by the place where it lies. */
export type Stored = { name: string; bytes: number; storedAt: Date };

/** A file whose bytes are not there, or are not as many as they should be. */
export type DamagedFile = { fileId: string; expectedBytes: number; storedBytes: number | null };

export type Findings = {
  /** How many of the stored things are files' bytes. */
  known: number;
  /** Where bytes lie that no file claims any more. */
  stranded: string[];
  damaged: DamagedFile[];
};

/** A file, and where its bytes should lie. */
export type Expected = { fileId: string; place: string; bytes: number };

/** Compares what is stored with the tenant's files. */
export async function compareStored(scope: TenantScope, stored: readonly Stored[]): Promise<Findings> {
  const { em, tenant, now } = scope;
  const ids = stored.flatMap(({ name }) => /[0-9a-f-]{36}$/.exec(name)?.[0] ?? []);
  const files = await em.find(ProjectFile, { tenantId: tenant.id, id: { $in: ids } });
  const expected = new Map(files.map(describeExpected).map((file) => [file.place, file]));
  const claimable = now.getTime() - strandedAfterMinutes * 60_000;
  const findings: Findings = { known: 0, stranded: [], damaged: [] };
  for (const { name, bytes, storedAt } of stored) {
    const file = expected.get(name);
    if (file) findings.known += 1;
    else if (storedAt.getTime() < claimable) findings.stranded.push(name);
    if (file && file.bytes !== bytes) findings.damaged.push(damageOf(file, bytes));
  }
  return findings;
}

/** How many files the tenant has. */
export function countFiles({ em, tenant }: TenantScope): Promise<number> {
  return em.count(ProjectFile, { tenantId: tenant.id });
}

/** Some of the tenant's files after one, and where their bytes should lie. */
export async function listExpected(
  { em, tenant }: TenantScope,
  after: string | null,
  limit: number,
): Promise<Expected[]> {
  const where = { tenantId: tenant.id, ...(after === null ? {} : { id: { $gt: after } }) };
  const files = await em.find(ProjectFile, where, { orderBy: { id: 'asc' }, limit });
  return files.map(describeExpected);
}

/** What is damaged about a file, if it still is one. */
export async function confirmDamage(
  { em, tenant }: TenantScope,
  { fileId, place, bytes }: Expected,
  storedBytes: number | null,
): Promise<DamagedFile[]> {
  const file = await em.findOne(ProjectFile, { tenantId: tenant.id, id: fileId });
  return file ? [damageOf({ fileId, place, bytes }, storedBytes)] : [];
}

/** Makes a limited tenant's usage what its files come to. */
export async function repairUsage(scope: TenantScope): Promise<void> {
  if (isTrue(await readStorage(scope))) return;
  // Nobody may be writing files: what they have added would be in one of the two and not yet in the other.
  const tenant = await lockAgainstWriters(scope);
  const { noted, counted } = await readStorage(scope);
  if (tenant.limitStorageBytes === null || isTrue({ noted, counted })) return;
  await scope.em.upsert(StorageUsage, { tenantId: tenant.id, ...counted });
  await record(scope, 'storage.repaired', {
    target: { kind: 'tenant', id: tenant.id },
    details: { noted, counted },
  });
}

type Usage = { bytes: number; files: number };

/** What is noted as used, and what the files come to, at one moment: both are read by one statement. */
async function readStorage({ em, tenant }: TenantScope): Promise<{ noted: Usage; counted: Usage }> {
  const [row] = await em.execute<{ noted: Usage | null; counted: Usage }[]>(
    `select json_build_object('bytes', coalesce(sum(bytes), 0), 'files', count(*)) as counted,
       (select json_build_object('bytes', bytes, 'files', files) from storage_usage where tenant_id = ?) as noted
     from project_files where tenant_id = ?`,
    [tenant.id, tenant.id],
  );
  const nothing = { bytes: 0, files: 0 };
  return { noted: row?.noted ?? nothing, counted: row?.counted ?? nothing };
}

function isTrue({ noted, counted }: { noted: Usage; counted: Usage }): boolean {
  return noted.bytes === counted.bytes && noted.files === counted.files;
}

const namedAtMost = 50;

/**
 * Says which files are damaged, in the audit trail and as one task for operators while none is open. The files stay:
 * their bytes may come back from a backup.
 */
export async function reportDamage(scope: TenantScope, damaged: readonly DamagedFile[]): Promise<void> {
  const { em, tenant } = scope;
  await record(scope, 'storage.damaged', {
    target: { kind: 'tenant', id: tenant.id },
    details: { files: damaged.length, damaged: damaged.slice(0, namedAtMost) },
  });
  const open = await em.count(Task, { tenantId: tenant.id, kind: 'storage_review', doneAt: null });
  if (open === 0) await openTask(scope, 'storage_review', { priority: 'P1', subjectId: tenant.id });
}

function describeExpected(file: ProjectFile): Expected {
  return { fileId: file.id, place: placeOfFile(file.project.id, file.id), bytes: file.bytes };
}

function damageOf({ fileId, bytes }: Expected, storedBytes: number | null): DamagedFile {
  return { fileId, expectedBytes: bytes, storedBytes };
}
