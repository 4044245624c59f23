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

/** Whether operators have not paused a kind. */
const isOn = 'not exists (select from paused_deadlines p where p.kind = deadlines.kind)';

/** Tenants on which something is due, the longest due first. */
export async function findDueTenants({ em, now }: ControlScope, limit: number): Promise<string[]> {
  const due = await em.execute<{ tenant_id: string }[]>(
    `select tenant_id from deadlines where fires_at <= ? and ${isOn} group by tenant_id order by min(fires_at) limit ?`,
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
  return takeFirst({ em, tenant }, { by: 'fires_at', until: now, except });
}

/** Takes the next of a tenant's deadlines until a moment of its own time, due or not: for a rehearsal. */
export function claimAhead(scope: TenantScope, until: Date): Promise<ClaimedDeadline | null> {
  return takeFirst(scope, { by: 'due_at', until, except: [] });
}

type Choice = { by: 'fires_at' | 'due_at'; until: Date; except: readonly DueDeadline[] };

async function takeFirst(
  { em, tenant }: Pick<TenantScope, 'em' | 'tenant'>,
  { by, until, except }: Choice,
): Promise<ClaimedDeadline | null> {
  const passedOver = except.map(({ kind, subject }) => `${kind} ${subject}`).join('\n');
  const [next] = await em.execute<{ kind: DeadlineKind; subject: string; due_at: string }[]>(
    `delete from deadlines where (tenant_id, kind, subject) = (
       select tenant_id, kind, subject from deadlines
       where tenant_id = ? and ${by} <= ? and ${isOn} and kind || ' ' || subject <> all(string_to_array(?, chr(10)))
       order by due_at, kind, subject limit 1
     ) returning kind, subject, due_at`,
    [tenant.id, until, passedOver],
  );
  return next
    ? { tenantId: tenant.id, kind: next.kind, subject: next.subject, dueAt: new Date(next.due_at) }
    : null;
}

/** How many deadlines of each kind are due, over all tenants. */
export async function countDue({ em, now }: ControlScope): Promise<Map<DeadlineKind, number>> {
  const counted = await em.execute<{ kind: DeadlineKind; due: number }[]>(
    `select kind, count(*)::int as due from deadlines where fires_at <= ? group by kind`,
    [now],
  );
  return new Map(counted.map(({ kind, due }) => [kind, due]));
}
