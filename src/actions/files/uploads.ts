import { createHash } from 'node:crypto';
import { actorId } from '../../domain/actors.ts';
import { placeOfFile } from '../../domain/files.ts';
import { authorize } from '../../domain/permissions.ts';
import { limitReached } from '../../domain/plans/entitlements.ts';
import type { Ports } from '../../domain/ports.ts';
import { Refusal } from '../../domain/refusal.ts';
import { ProjectFile } from '../../db/entities/file.ts';
import { StorageUsage } from '../../db/entities/plans.ts';
import { newId } from '../../db/ids.ts';
import { later } from '../../db/jobs.ts';
import type { TenantScope } from '../../db/scope.ts';
import { noteStorage } from '../plans/usage-marks.ts';
import {
  describeFile,
  type Expectation,
  findFile,
  findProject,
  keyContext,
  lockProject,
  recordFile,
} from './files.ts';

/** What is said of a file before its bytes come. */
export type UploadInput = {
  projectId: string;
  name: string;
  contentType: string;
  /** How many bytes will come; `null`: as many as do. */
  declaredBytes: number | null;
  /** What they will hash to, in hex; `null`: not said. */
  sha256: string | null;
  /** Asked before and after they have come. */
  expect: Expectation;
};

/** An upload that may begin. */
export type Upload = UploadInput & {
  tenantId: string;
  fileId: string;
  key: Uint8Array;
  /** How many bytes there is room for, and what is said to who sends more; `null`: no limit. */
  room: { bytes: number; refusal: (wanted: number) => Refusal } | null;
};

type Received = { bytes: number; sha256: string };

/** Lets an upload begin, or refuses it before any of its bytes are read. */
export async function beginUpload(scope: TenantScope, input: UploadInput): Promise<Upload> {
  authorize(scope.actor, scope.tenant, 'file.write');
  const file = await findFile(scope, await findProject(scope, input.projectId), input.name);
  input.expect(file && describeFile(file));
  const room = await findRoom(scope, file?.bytes ?? 0);
  const wanted = input.declaredBytes ?? 0;
  if (room && wanted > room.bytes) throw room.refusal(wanted);
  return {
    ...input,
    tenantId: scope.tenant.id,
    fileId: newId(),
    key: scope.ports.fileCipher.createKey(),
    room,
  };
}

/**
 * Stores the bytes of an upload as they come, outside any transaction. What breaks off, is longer or shorter than
 * declared, has another hash or finds no room is refused, and nothing of it stays.
 */
export async function receiveUpload(
  { files, fileCipher }: Pick<Ports, 'files' | 'fileCipher'>,
  upload: Upload,
  body: AsyncIterable<Uint8Array>,
): Promise<Received> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* measured() {
    for await (const chunk of unbroken(body)) {
      bytes += chunk.length;
      if (upload.room && bytes > upload.room.bytes) throw upload.room.refusal(bytes);
      hash.update(chunk);
      yield chunk;
    }
    requireDeclared(upload, bytes, hash.copy().digest('hex'));
  }
  await files.put(upload.tenantId, placeOf(upload), fileCipher.cover(upload.key, measured()));
  return { bytes, sha256: hash.digest('hex') };
}

/** Makes stored bytes a file, in the place of an older one of that name, whose bytes go when this is done. */
export async function finishUpload(scope: TenantScope, upload: Upload, { bytes, sha256 }: Received) {
  const { em, tenant, now, actor } = scope;
  authorize(actor, tenant, 'file.write');
  const project = await lockProject(scope, upload.projectId);
  const older = await findFile(scope, project, upload.name);
  upload.expect(older && describeFile(older));
  const { fileId: id, name, contentType } = upload;
  const fields = {
    id,
    name,
    bytes,
    sha256,
    contentType,
    keySealed: scope.key.seal(upload.key, keyContext(id)),
    createdAt: older?.createdAt ?? now,
    updatedAt: now,
    byKind: actor.kind,
    byId: actorId(actor),
  };
  if (older) {
    await em.nativeUpdate(ProjectFile, { tenantId: tenant.id, id: older.id }, fields);
    await later(scope, 'file.delete', { tenantId: tenant.id, projectId: project.id, fileId: older.id });
  } else {
    await em.insert(ProjectFile, { ...fields, tenantId: tenant.id, project });
  }
  await recordFile(scope, 'file.stored', { ...fields, project });
  await noteStorage(scope);
  return { file: describeFile(fields), replaced: older !== null };
}

/** Deletes the bytes of an upload that did not become a file. */
export async function dropUpload({ files }: Pick<Ports, 'files'>, upload: Upload): Promise<void> {
  await files.delete(upload.tenantId, placeOf(upload));
}

/** How much may be stored where `replaced` bytes make way. */
async function findRoom({ em, tenant }: TenantScope, replaced: number): Promise<Upload['room']> {
  const allowed = tenant.limitStorageBytes ?? null;
  if (allowed === null) return null;
  const used = (await em.findOne(StorageUsage, { tenantId: tenant.id }))?.bytes ?? 0;
  return {
    // Who is over a limit that has sunk may make files smaller.
    bytes: replaced + Math.max(0, allowed - used),
    refusal: (wanted) => limitReached(tenant, { limit: 'storageBytes', allowed, used }, wanted - replaced),
  };
}

function placeOf({ projectId, fileId }: Upload): string {
  return placeOfFile(projectId, fileId);
}

function requireDeclared({ declaredBytes, sha256 }: Upload, bytes: number, hash: string): void {
  if (declaredBytes !== null && bytes !== declaredBytes) {
    throw new Refusal('INVALID_INPUT', `${declaredBytes} bytes were declared, and ${bytes} came`);
  }
  if (sha256 !== null && hash !== sha256) {
    throw new Refusal('INVALID_INPUT', 'the bytes that came are not those of the digest');
  }
}

/** A body that says by a refusal that it broke off. */
async function* unbroken(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await chunks.next().catch((error: unknown) => {
        throw error instanceof Refusal ? error : new Refusal('INVALID_INPUT', 'the body broke off');
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}
