import { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import { closingTasks, taskTerms } from '../../domain/lifecycle/closing-tasks.ts';
import { daysAfter, deadlineKinds } from '../../domain/lifecycle/deadlines.ts';
import { retentionDaysOf } from '../../domain/lifecycle/offboarding.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import { ScimToken, SsoConnection } from '../../db/entities/connection.ts';
import { Offboarding } from '../../db/entities/offboarding.ts';
import { PlanPolicy } from '../../db/entities/operations.ts';
import { UserToken } from '../../db/entities/session.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import { Invitation } from '../../db/entities/work.ts';
import type { TenantScope } from '../../db/scope.ts';
import { promiseAlignment } from '../billing/billing-wish.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { requireApproval } from '../operations/approval-gate.ts';
import { endSessions } from '../people/sessions.ts';
import { announce } from '../lifecycle/announcement.ts';
import { describeOffboarding } from './offboarding-description.ts';
import { closeTasksAbout, openTask } from '../suspension/tasks.ts';
import { decide } from '../lifecycle/transition.ts';

/** `confirm` repeats the tenant's slug. */
export const confirmInput = z.object({ confirm: z.string().max(100) });

/** Refuses what was not confirmed by the tenant's slug. */
export function requireConfirmed({ tenant }: TenantScope, { confirm }: z.infer<typeof confirmInput>): void {
  if (confirm !== tenant.slug) throw new Refusal('INVALID_INPUT', 'confirm: repeat the slug of the tenant');
}

/** Ends a tenant that is on notice. Before its date it needs a second person's approval. */
export async function executeOffboarding(scope: TenantScope, input: z.infer<typeof confirmInput>) {
  authorize(scope.actor, scope.tenant, 'offboarding.execute');
  requireConfirmed(scope, input);
  return endTenant(scope);
}

/** Ends a tenant whose date has come. Harmless when it was cancelled or ended before. */
export async function executeDueOffboarding(scope: TenantScope): Promise<void> {
  const due = { tenantId: scope.tenant.id, phase: 'scheduled' as const };
  if ((await scope.em.count(Offboarding, due)) > 0) await endTenant(scope);
}

async function endTenant(scope: TenantScope) {
  const { tenant, offboarding, status } = await decide(scope, 'execute_offboarding');
  if (!offboarding) throw new Error('a tenant on notice has its offboarding');
  if (offboarding.effectiveAt > scope.tenantNow) requireApproval(scope, 'offboarding.execute');
  const purgeDueAt = daysAfter(scope.tenantNow, await retentionDays(scope, tenant));
  // Told before access ends, while there are admins and invitations to tell.
  await tellAdmins(scope, { mail: 'offboarded', offboardingId: offboarding.id }, offboarding.id);
  await claimExecution(scope, { tenant, offboarding, purgeDueAt });
  Object.assign(tenant, {
    status,
    offboardedAt: scope.tenantNow,
    statusBefore: null,
    suspensionMode: null,
    suspendedAt: null,
  });
  await scope.em.flush();
  await endAccess(scope);
  await promiseAlignment(scope);
  for (const kind of deadlineKinds) if (kind !== 'task_escalation') await clearDeadline(scope, kind);
  await setDeadline(scope, 'purge', purgeDueAt);
  await closeTasksAbout(scope, offboarding.id, 'the offboarding was executed');
  for (const kind of closingTasks) {
    const { dueDays = 14, priority = 'P2' } = taskTerms[kind];
    const dueAt = daysAfter(scope.tenantNow, dueDays);
    await openTask(scope, kind, { priority, subjectId: offboarding.id, dueAt });
  }
  await announce(scope, 'offboarded', {
    target: { kind: 'offboarding', id: offboarding.id },
    details: { trigger: offboarding.trigger, purgeDueAt: purgeDueAt.toISOString() },
    note: offboarding.note,
  });
  return describeOffboarding(scope, { offboarding });
}

type Ending = { tenant: Tenant; offboarding: Offboarding; purgeDueAt: Date };

/** One conditional update decides between executing and cancelling; the loser is told. */
async function claimExecution(scope: TenantScope, { tenant, offboarding, purgeDueAt }: Ending) {
  const executed = await scope.em.nativeUpdate(
    Offboarding,
    { tenantId: tenant.id, id: offboarding.id, phase: 'scheduled' },
    {
      phase: 'executed',
      executedAt: scope.tenantNow,
      executedByKind: scope.actor.kind,
      executedById: actorId(scope.actor),
      purgeDueAt,
      statusBefore: tenant.status,
      livingBefore: tenant.statusBefore ?? null,
      suspendedAtBefore: tenant.suspendedAt ?? null,
    },
  );
  if (executed === 0) throw new Refusal('CONFLICT', 'the offboarding has gone on at this moment');
  await scope.em.refresh(offboarding);
}

/** Ends every way in: no credential of the tenant works from this transaction on. */
async function endAccess(scope: TenantScope): Promise<void> {
  const { em, tenant, now } = scope;
  const tenantId = tenant.id;
  await endSessions(scope, {}, 'tenant_offboarded');
  await em.nativeUpdate(ScimToken, { tenantId, revokedAt: null }, { revokedAt: now });
  await em.nativeUpdate(SsoConnection, { tenantId }, { state: 'disabled', updatedAt: now });
  await em.nativeUpdate(
    Invitation,
    { tenantId, acceptedAt: null, expiredAt: null },
    { expiredAt: now, tokenHashes: [] },
  );
  await em.nativeDelete(UserToken, { tenantId });
}

/** Days between the tenant's end and its purge. */
export async function retentionDays({ em }: TenantScope, tenant: Tenant): Promise<number> {
  const policy = await em.findOne(PlanPolicy, { plan: tenant.plan });
  return retentionDaysOf(tenant.settings.retentionDays, policy?.retentionDays ?? null, tenant.plan);
}
