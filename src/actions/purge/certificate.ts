import { requirePermission } from '../../domain/permissions.ts';
import type { DeletionCertificate } from '../../domain/lifecycle/certificate.ts';
import { Refusal } from '../../domain/refusal.ts';
import { Tombstone } from '../../db/entities/tombstone.ts';
import type { ControlScope } from '../../db/scope.ts';

/** The certificate of a tenant's purge, for operators. `NOT_FOUND` until there is one. */
export async function getCertificate(
  scope: ControlScope,
  { tenantId }: { tenantId: string },
): Promise<DeletionCertificate> {
  requirePermission(scope.actor, 'offboarding.read');
  const tombstone = await scope.em.findOne(Tombstone, { id: tenantId });
  if (!tombstone?.certificate) throw new Refusal('NOT_FOUND', 'there is no certificate of deletion');
  return tombstone.certificate;
}

/** The certificate that a mailed link leads to. `NOT_FOUND` for any other. */
export async function openCertificate(
  { em, ports }: ControlScope,
  token: string,
): Promise<DeletionCertificate> {
  const id = ports.tokens.tenantOf(token);
  const tombstone = id === null ? null : await em.findOne(Tombstone, { id });
  if (!tombstone?.certificate || !tombstone.linkHashes.includes(ports.tokens.hash(token)))
    throw new Refusal('NOT_FOUND', 'there is no certificate here: copy the whole link from the mail');
  return tombstone.certificate;
}

/** Where a purge stands, or that the tenant is gone, as callers see it; `null` where none was claimed. */
export async function describeTombstone(scope: ControlScope, tenantId: string) {
  requirePermission(scope.actor, 'offboarding.read');
  const tombstone = await scope.em.findOne(Tombstone, { id: tenantId });
  if (!tombstone) return null;
  const { order, state, claimedAt, certifiedAt, keyDestroyedAt, rows, files, bytes, jobs, mails, closing } =
    tombstone;
  const phase: 'purging' | 'purged' = state === 'certified' ? 'purged' : 'purging';
  return {
    tenantId,
    status: 'offboarded' as const,
    trigger: order.trigger,
    phase,
    purge: state,
    dueAt: null,
    requestedAt: order.requestedAt,
    requestedBy: order.requestedBy,
    executedAt: order.offboardedAt,
    purgeDueAt: null,
    cancelledAt: null,
    legalHold: null,
    claimedAt: claimedAt.toISOString(),
    claimedBy: order.claimedBy,
    keyDestroyedAt: keyDestroyedAt?.toISOString() ?? null,
    purgedAt: certifiedAt?.toISOString() ?? null,
    rows,
    files,
    bytes,
    jobs,
    mails,
    closing,
  };
}
