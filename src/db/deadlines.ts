import type { DeadlineKind } from '../domain/lifecycle/deadlines.ts';
import { Deadline } from './entities/control.ts';
import type { ControlScope, TenantScope } from './scope.ts';

/** What will happen, to which tenant. */
export type DueDeadline = { tenantId: string; kind: DeadlineKind; subject: string };

/** What a transaction has claimed to happen, and when it was to happen in the tenant's own time. */
export type ClaimedDeadline = DueDeadline & { dueAt: Date };

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

/** Tenants on which something is due, the longest due first. */
export async function findDueTenants({ em, now }: ControlScope, limit: number): Promise<string[]> {
  const due = await em.execute<{ tenant_id: string }[]>(
    `select tenant_id from deadlines where fires_at <= ? group by tenant_id order by min(fires_at) limit ?`,
    [now, limit],
  );
  return due.map((row) => row.tenant_id);
}

/**
 * Claims the next of a tenant's deadlines for this transaction, in the order of its own time: it is gone when that
 * commits, and there again when it does not. The tenant's row is locked, so that its deadlines fire one after the
 * other, on however many workers.
 */
export async function claimNext(
  { em, tenant, now }: TenantScope,
  { wait, except }: { wait: boolean; except: readonly DueDeadline[] },
): Promise<ClaimedDeadline | 'busy' | null> {
  const lock = `select id from tenants where id = ? for no key update${wait ? '' : ' skip locked'}`;
  const locked = await em.execute<unknown[]>(lock, [tenant.id]);
  if (locked.length === 0) return 'busy';
  await em.refresh(tenant);
  const due = await em.find(
    Deadline,
    { tenantId: tenant.id, firesAt: { $lte: now } },
    { orderBy: { dueAt: 'asc', kind: 'asc', subject: 'asc' }, limit: except.length + 1 },
  );
  const next = due.find(
    ({ kind, subject }) => !except.some((one) => one.kind === kind && one.subject === subject),
  );
  if (!next) return null;
  const { kind, subject, dueAt } = next;
  em.remove(next);
  await em.flush();
  return { tenantId: tenant.id, kind, subject, dueAt };
}
