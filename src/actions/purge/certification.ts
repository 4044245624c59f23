import {
  backupStatement,
  type CertificateFacts,
  type DeletedCounts,
  noCheckpoint,
  type RetainedRecord,
} from '../../domain/lifecycle/certificate.ts';
import { record } from '../../db/audit.ts';
import { catalogue } from '../../db/catalogue.ts';
import { Tombstone } from '../../db/entities/tombstone.ts';
import { later } from '../../db/jobs.ts';
import { takeTombstone } from '../../db/purge.ts';
import type { ControlScope } from '../../db/scope.ts';
import { signDocument } from '../operations/document-keys.ts';
import { promisePurgedWebhook } from '../webhooks/webhook-events.ts';
import type { Progress } from './purge.ts';
import { readRecipients } from './recipients.ts';

/** What was counted once everything was deleted, from outside. */
export type SecondCount = DeletedCounts & { tables: number };

/**
 * Signs the certificate of a purge that left nothing, tells the operators' side, and promises it to the last owners.
 * Refuses to certify what is left.
 */
export async function certifyPurge(
  scope: ControlScope,
  tenantId: string,
  { counted, backupRetentionDays }: { counted: SecondCount; backupRetentionDays: number },
): Promise<Progress> {
  const { em, now } = scope;
  if (!(await takeTombstone({ em, tenantId }))) return 'busy';
  const tombstone = await em.findOneOrFail(Tombstone, { id: tenantId });
  if (!isNothing(counted)) throw new Error(`tenant ${tenantId} is not gone: ${JSON.stringify(counted)}`);
  const { tables, ...none } = counted;
  const facts: CertificateFacts = {
    type: 'tenantry.deletion-certificate',
    version: 1,
    ...factsOf(tombstone),
    completedAt: now.toISOString(),
    countedAgain: { ...none, at: now.toISOString(), tables },
    auditCheckpoint: noCheckpoint,
    backups: backupStatement(now, backupRetentionDays),
    retained: listRetained(now),
  };
  const certificate = { ...facts, signature: await signDocument(scope, facts) };
  Object.assign(tombstone, { state: 'certified', certifiedAt: now, certificate });
  await record(scope, 'purge.certified', {
    target: { kind: 'tenant', id: tenantId },
    details: { keyId: certificate.signature.keyId },
  });
  const { startedAt, completedAt, order } = facts;
  await promisePurgedWebhook(scope, {
    tenantId,
    details: { trigger: order.trigger, sandbox: order.sandbox, startedAt, completedAt },
  });
  const { addresses } = readRecipients(scope, tombstone);
  for (const recipient of addresses.keys())
    await later(scope, 'mail.send', { mail: 'purge_certificate', tombstoneId: tenantId, recipient });
  return 'done';
}

function isNothing({ rows, files, jobs, mails }: DeletedCounts): boolean {
  return Object.keys(rows).length === 0 && files === 0 && jobs === 0 && mails === 0;
}

function factsOf(tombstone: Tombstone) {
  const { id, slugHash, order, claimedAt, keyDestroyedAt, rows, files, bytes, jobs, mails, closing } =
    tombstone;
  if (!keyDestroyedAt) throw new Error(`the key of tenant ${id} was not destroyed`);
  return {
    tenantId: id,
    slugHash,
    order,
    startedAt: claimedAt.toISOString(),
    keyDestroyedAt: keyDestroyedAt.toISOString(),
    rows,
    files,
    bytes,
    jobs,
    mails,
    closing,
  };
}

/** What the catalogue keeps, with its reasons. */
function listRetained(now: Date): RetainedRecord[] {
  return catalogue.flatMap(({ entity, retained }) => {
    if (!retained) return [];
    const until = retained.years === null ? null : yearsAfter(now, retained.years).toISOString();
    return [{ table: entity.meta.tableName, reason: retained.reason, until }];
  });
}

function yearsAfter(moment: Date, years: number): Date {
  const later = new Date(moment);
  later.setUTCFullYear(moment.getUTCFullYear() + years);
  return later;
}
