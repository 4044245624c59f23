import { LockMode } from '@mikro-orm/core';
import type { DeadlineKind } from '../domain/lifecycle/deadlines.ts';
import { Deadline } from './entities/control.ts';
import type { ControlScope, TenantScope } from './scope.ts';

/** What will happen, to which tenant. */
export type DueDeadline = { tenantId: string; kind: DeadlineKind; subject: string };

/** Sets a deadline in the tenant's own time; one of the same kind and subject is moved. */
export async function setDeadline(
  scope: TenantScope,
  kind: DeadlineKind,
  dueAt: Date,
  subject = '',
): Promise<void> {
  scope.watch?.deadlinesSet.push({ kind, subject, dueAt });
  const firesAt = new Date(dueAt.getTime() - scope.tenant.clockOffsetSeconds * 1000);
  await scope.em.upsert(Deadline, { tenantId: scope.tenant.id, kind, subject, dueAt, firesAt });
}

/** Takes a deadline back; harmless when there is none. */
export async function clearDeadline(scope: TenantScope, kind: DeadlineKind, subject?: string): Promise<void> {
  const which = { tenantId: scope.tenant.id, kind, ...(subject === undefined ? {} : { subject }) };
  const cleared = await scope.em.nativeDelete(Deadline, which);
  if (cleared > 0) scope.watch?.deadlinesCleared.push({ kind, subject: subject ?? '' });
}

/** Moves when a tenant's deadlines fire, after its clock has been moved by some seconds. */
export async function shiftDeadlines(scope: TenantScope, seconds: number): Promise<void> {
  await scope.em.execute(
    `update deadlines set fires_at = fires_at - ? * interval '1 second' where tenant_id = ?`,
    [seconds, scope.tenant.id],
  );
}

/** The deadlines that are due, oldest first, over all tenants. */
export async function findDueDeadlines(scope: ControlScope, limit: number): Promise<DueDeadline[]> {
  const due = await scope.em.find(
    Deadline,
    { firesAt: { $lte: scope.now } },
    { orderBy: { firesAt: 'asc' }, limit, disableIdentityMap: true },
  );
  return due.map(({ tenantId, kind, subject }) => ({ tenantId, kind, subject }));
}

/**
 * Claims a deadline for this transaction: it is gone when that commits, and there again when it does not. `null`
 * when another worker has it, or it is not due any more.
 */
export async function claimDeadline(scope: TenantScope, due: DueDeadline): Promise<{ dueAt: Date } | null> {
  const deadline = await scope.em.findOne(
    Deadline,
    { ...due, firesAt: { $lte: scope.now } },
    { lockMode: LockMode.PESSIMISTIC_PARTIAL_WRITE },
  );
  if (!deadline) return null;
  const { dueAt } = deadline;
  scope.em.remove(deadline);
  await scope.em.flush();
  return { dueAt };
}
