import { createHash } from 'node:crypto';
import { LockMode } from '@mikro-orm/core';
import { z } from 'zod';
import { fileName, placeOfFile } from '../../domain/files.ts';
import { pageInput } from '../../domain/pages.ts';
import { authorize } from '../../domain/permissions.ts';
import type { Ports } from '../../domain/ports.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { ProjectFile } from '../../db/entities/file.ts';
import { Project } from '../../db/entities/work.ts';
import { later } from '../../db/jobs.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockAsWriter } from '../locks.ts';
import { noteStorage } from '../plans/usage-marks.ts';

export const listFilesInput = pageInput.extend({ projectId: z.uuid() });
export const fileInput = z.object({ projectId: z.uuid(), name: fileName });
type FileInput = z.infer<typeof fileInput>;

/** Asked of a file before it is touched: whether it is the one that the caller means; `null`: there is none. */
export type Expectation = (file: { etag: string } | null) => void;

/** A project's files by their names. */
export async function listFiles(scope: TenantScope, input: z.infer<typeof listFilesInput>) {
  const { em, tenant } = scope;
  authorize(scope.actor, tenant, 'file.read');
  const { projectId, limit, cursor } = input;
  const project = await findProject(scope, projectId);
  const after = cursor === undefined ? {} : { name: { $gt: readCursor(cursor) } };
  const where = { tenantId: tenant.id, project, ...after };
  const found = await em.find(ProjectFile, where, { orderBy: { name: 'asc' }, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  const nextCursor = last ? Buffer.from(last.name).toString('base64url') : null;
  return { items: shown.map(describeFile), nextCursor };
}

/** Finds a file to be read, and the key of its bytes; `NOT_FOUND` where the project has none of that name. */
export async function openFile(scope: TenantScope, input: FileInput) {
  authorize(scope.actor, scope.tenant, 'file.read');
  const file = await findFile(scope, await findProject(scope, input.projectId), input.name);
  if (!file) throw new Refusal('NOT_FOUND', 'no such file');
  return {
    tenantId: scope.tenant.id,
    ...describeFile(file),
    place: placeOfFile(file.project.id, file.id),
    key: scope.key.open(file.keySealed, keyContext(file.id)),
  };
}
export type OpenFile = Awaited<ReturnType<typeof openFile>>;

/**
 * The plain bytes of a file, or of a range of them; `null` where they have gone, as those of a replaced file do. All
 * of them break off before their end if they are not those that were stored.
 */
export async function readFile(
  { files, fileCipher }: Pick<Ports, 'files' | 'fileCipher'>,
  { tenantId, place, key, sha256 }: OpenFile,
  range: { start: number; end: number } | null,
): Promise<AsyncIterable<Uint8Array> | null> {
  const covered = await files.read(tenantId, place, range ?? undefined);
  if (!covered) return null;
  const plain = fileCipher.cover(key, covered, range?.start);
  return range ? plain : unaltered(plain, sha256);
}

async function* unaltered(bytes: AsyncIterable<Uint8Array>, sha256: string): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256');
  let held: Uint8Array | undefined;
  for await (const chunk of bytes) {
    hash.update(chunk);
    if (held) yield held;
    held = chunk;
  }
  if (hash.digest('hex') !== sha256) throw new Error('the bytes of a file are not those that were stored');
  if (held) yield held;
}

/** Removes a file. Its place is free at once, its bytes go when this is done. */
export async function removeFile(scope: TenantScope, input: FileInput, expect: Expectation) {
  const { em, tenant } = scope;
  authorize(scope.actor, tenant, 'file.remove');
  const file = await findFile(scope, await lockProject(scope, input.projectId), input.name);
  if (!file) throw new Refusal('NOT_FOUND', 'no such file');
  expect({ etag: etagOf(file) });
  await em.nativeDelete(ProjectFile, { tenantId: tenant.id, id: file.id });
  await later(scope, 'file.delete', { tenantId: tenant.id, projectId: input.projectId, fileId: file.id });
  await recordFile(scope, 'file.removed', file);
  await noteStorage(scope);
}

/** A project; `NOT_FOUND` where the tenant has none such. */
export async function findProject({ em, tenant }: TenantScope, id: string): Promise<Project> {
  const project = await em.findOne(Project, { tenantId: tenant.id, id });
  if (!project) throw new Refusal('NOT_FOUND', 'no such project');
  return project;
}

/** Like `findProject`, and locks it: of several who store, remove or end it one is first. */
export async function lockProject(scope: TenantScope, id: string): Promise<Project> {
  const { em, tenant } = scope;
  await lockAsWriter(scope);
  const where = { tenantId: tenant.id, id };
  const project = await em.findOne(Project, where, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!project) throw new Refusal('NOT_FOUND', 'no such project');
  return project;
}

/** A project's file by its name, or `null`. */
export function findFile({ em, tenant }: TenantScope, project: Project, name: string) {
  return em.findOne(ProjectFile, { tenantId: tenant.id, project, name });
}

/** A file as callers see it. */
export function describeFile(
  file: Omit<ProjectFile, 'tenantId' | 'id' | 'project' | 'keySealed' | 'byKind' | 'byId'>,
) {
  return {
    name: file.name,
    bytes: file.bytes,
    sha256: file.sha256,
    contentType: file.contentType,
    etag: etagOf(file),
    createdAt: file.createdAt.toISOString(),
    updatedAt: file.updatedAt.toISOString(),
  };
}

/** Says in the audit trail what became of a file. Its name may tell of a person: who did it can be forgotten with it. */
export function recordFile(
  scope: TenantScope,
  action: 'file.stored' | 'file.removed',
  { id, project, name, bytes }: Pick<ProjectFile, 'id' | 'project' | 'name' | 'bytes'>,
): Promise<void> {
  const { actor } = scope;
  const subjectId = actor.kind === 'user' ? actor.id : 'origin';
  return record(scope, action, {
    target: { kind: 'file', id },
    details: { projectId: project.id, bytes },
    personal: { subjectId, values: { name } },
  });
}

/** An entity tag (RFC 9110 §8.8.3) that is the same for the same bytes. */
export function etagOf({ sha256 }: { sha256: string }): string {
  return `"${sha256}"`;
}

/** Under which context a file's key is sealed: no other row can use it. */
export function keyContext(fileId: string): string {
  return `file:${fileId}`;
}

function readCursor(cursor: string): string {
  const name = fileName.safeParse(Buffer.from(cursor, 'base64url').toString());
  if (!name.success) throw new Refusal('INVALID_INPUT', 'cursor: not one that a list has given');
  return name.data;
}
