import { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import { requireMayOffboard } from '../../domain/lifecycle/offboarding.ts';
import { strictestMode } from '../../domain/lifecycle/status.ts';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { clearDeadline } from '../../db/deadlines.ts';
import { Offboarding } from '../../db/entities/offboarding.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import { Suspension } from '../../db/entities/work.ts';
import type { TenantScope } from '../../db/scope.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { announce } from '../lifecycle/announcement.ts';
import { promiseAlignment } from '../billing/billing-wish.ts';
import { restoreDunningDeadlines } from '../billing/dunning-deadlines.ts';
import { restartInactivity } from '../suspension/inactivity-deadlines.ts';
import { restoreSuspensionDeadlines } from '../suspension/suspension-deadlines.ts';
import { describeOffboarding } from './offboarding-description.ts';
import { closeTasksAbout } from '../suspension/tasks.ts';
import { decide } from '../lifecycle/transition.ts';
import { resumeTrial } from '../lifecycle/trial.ts';

export const cancelOffboardingInput = z.object({ note: line(2000) });

/**
 * Takes an offboarding back, on notice or after the end, until its purge is claimed. The tenant is what it was; what
 * the end took away (sessions, tokens, connections) stays away.
 */
export async function cancelOffboarding(
  scope: TenantScope,
  { note }: z.infer<typeof cancelOffboardingInput>,
) {
  authorize(scope.actor, scope.tenant, 'offboarding.steer');
  const { tenant, offboarding } = await decide(scope, 'cancel_offboarding');
  if (!offboarding) throw new Error('an offboarding that may be cancelled is there');
  requireMayOffboard(scope.actor, offboarding.trigger);
  await claimCancellation(scope, offboarding, note);
  if (tenant.status === 'offboarded') await restore(scope, tenant, offboarding);
  await announce(scope, 'offboarding_cancelled', {
    target: { kind: 'offboarding', id: offboarding.id },
    details: { trigger: offboarding.trigger, note },
    note,
  });
  await scope.em.flush();
  for (const kind of [
    'offboarding_execution',
    'offboarding_notice_7',
    'offboarding_notice_1',
    'purge',
  ] as const)
    await clearDeadline(scope, kind);
  await promiseAlignment(scope, { takenBack: true });
  await closeTasksAbout(scope, offboarding.id, note);
  await tellAdmins(scope, { mail: 'offboarding_cancelled', offboardingId: offboarding.id }, offboarding.id);
  return describeOffboarding(scope, { offboarding });
}

/** One conditional update decides between cancelling, executing and claiming; the loser is told. */
async function claimCancellation(scope: TenantScope, offboarding: Offboarding, note: string): Promise<void> {
  const { em, tenant, now, actor } = scope;
  const cancelled = await em.nativeUpdate(
    Offboarding,
    { tenantId: tenant.id, id: offboarding.id, phase: { $in: ['scheduled', 'executed'] } },
    {
      phase: 'cancelled',
      cancelledAt: now,
      cancelledByKind: actor.kind,
      cancelledById: actorId(actor),
      cancelNote: note,
    },
  );
  if (cancelled === 0) throw new Refusal('CONFLICT', 'the offboarding has gone on at this moment');
  await em.refresh(offboarding);
}

/** Makes a tenant that was offboarded what it was before; causes of suspension that ended meanwhile are over. */
async function restore(scope: TenantScope, tenant: Tenant, offboarding: Offboarding): Promise<void> {
  const before = offboarding.livingBefore ?? living(offboarding.statusBefore);
  const open = await scope.em.find(Suspension, {
    tenantId: tenant.id,
    liftedAt: null,
    startedAt: { $ne: null },
  });
  const mode = strictestMode(open.map((suspension) => suspension.mode));
  const trialPausedAt = offboarding.suspendedAtBefore ?? offboarding.executedAt ?? scope.tenantNow;
  Object.assign(tenant, {
    status: mode ? 'suspended' : before,
    statusBefore: mode ? before : null,
    suspensionMode: mode,
    suspendedAt: mode ? trialPausedAt : null,
    offboardedAt: null,
  });
  await scope.em.flush();
  if (!mode && before === 'trial') await resumeTrial(scope, tenant, trialPausedAt);
  if (!mode) await restartInactivity(scope);
  await restoreSuspensionDeadlines(scope);
  await restoreDunningDeadlines(scope);
}

function living(status: Offboarding['statusBefore']): 'onboarding' | 'trial' | 'active' {
  if (status === 'onboarding' || status === 'trial') return status;
  return 'active';
}
