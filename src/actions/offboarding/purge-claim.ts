import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import type { PurgeOrder } from '../../domain/lifecycle/certificate.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import { Offboarding } from '../../db/entities/offboarding.ts';
import { Task } from '../../db/entities/operations.ts';
import { Tombstone } from '../../db/entities/tombstone.ts';
import { User } from '../../db/entities/user.ts';
import { atControlPlane, type TenantScope } from '../../db/scope.ts';
import { isBilledStill, promiseAlignment } from '../billing/billing-wish.ts';
import { type Recipients, sealRecipients } from '../purge/recipients.ts';
import { requireApproval } from '../operations/approval-gate.ts';
import { announce } from '../lifecycle/announcement.ts';
import { type confirmInput, requireConfirmed } from './offboarding-execution.ts';
import { decide, lockStanding } from '../lifecycle/transition.ts';

/** Claims the purge of an offboarded tenant; before its retention is over it needs a second person's approval. */
export async function purgeTenant(scope: TenantScope, input: z.infer<typeof confirmInput>) {
  authorize(scope.actor, scope.tenant, 'offboarding.purge');
  requireConfirmed(scope, input);
  const { hold } = await lockStanding(scope);
  if (hold) throw new Refusal('LEGAL_HOLD', 'a legal hold keeps the data of this tenant');
  if (await isBilledStill(scope)) {
    throw new Refusal('CONFLICT', 'the payment provider has not confirmed yet that its subscription is over');
  }
  await claim(scope);
  return { tenantId: scope.tenant.id, phase: 'purging' as const };
}

/**
 * Claims a purge that is due; a hold makes it wait until its release, a subscription that is not over until the provider
 * says so: it is asked again every day. Harmless twice.
 */
export async function claimDuePurge(scope: TenantScope): Promise<void> {
  const { hold, offboarding } = await lockStanding(scope);
  if (hold || offboarding?.phase !== 'executed') return;
  if (await isBilledStill(scope)) {
    await promiseAlignment(scope);
    await setDeadline(scope, 'purge', daysAfter(scope.tenantNow, 1));
    return;
  }
  await claim(scope);
}

/** From here on nothing of the tenant is written, and no way leads back: a tombstone says what is to be done. */
async function claim(scope: TenantScope): Promise<void> {
  const { tenant, offboarding } = await decide(scope, 'claim_purge');
  if (!offboarding) throw new Error('an offboarded tenant has its offboarding');
  if ((offboarding.purgeDueAt ?? scope.tenantNow) > scope.tenantNow)
    requireApproval(scope, 'offboarding.purge');
  await announce(scope, 'purge_claimed', { target: { kind: 'tenant', id: tenant.id } });
  await scope.em.flush();
  const claimed = await scope.em.nativeUpdate(
    Offboarding,
    { tenantId: tenant.id, id: offboarding.id, phase: 'executed' },
    { phase: 'purging', claimedAt: scope.now },
  );
  if (claimed === 0) throw new Refusal('CONFLICT', 'the offboarding has gone on at this moment');
  const closing = await closingOutcome(scope, offboarding.id);
  const recipients = await lastOwners(scope);
  tenant.purgeClaimedAt = scope.now;
  await clearDeadline(scope, 'purge');
  await atControlPlane(scope, async ({ em, now }) => {
    em.create(Tombstone, {
      id: tenant.id,
      slugHash: createHash('sha256').update(tenant.slug).digest('hex'),
      order: orderOf(scope, offboarding),
      claimedAt: now,
      closing,
      recipientsSealed: sealRecipients(scope, tenant.id, recipients),
    });
  });
}

function orderOf({ actor, tenant }: TenantScope, offboarding: Offboarding): PurgeOrder {
  return {
    trigger: offboarding.trigger,
    requestedBy: { kind: offboarding.requestedByKind, id: offboarding.requestedById ?? null },
    claimedBy: { kind: actor.kind, id: actorId(actor) },
    approvedBy: 'approval' in actor ? (actor.approval?.approvedBy ?? null) : null,
    requestedAt: offboarding.requestedAt.toISOString(),
    offboardedAt: (tenant.offboardedAt ?? offboarding.effectiveAt).toISOString(),
    sandbox: tenant.sandbox,
  };
}

async function closingOutcome({ em, tenant }: TenantScope, offboardingId: string) {
  const tasks = await em.find(Task, { tenantId: tenant.id, subjectId: offboardingId });
  return tasks.map(({ kind, doneAt, evidence }) => ({
    task: kind,
    state: doneAt ? 'done' : 'open',
    evidence: evidence ?? null,
  }));
}

/** Whom the certificate goes to: who owned the tenant when it ended. */
async function lastOwners({ em, tenant }: TenantScope): Promise<Recipients> {
  const where = { tenantId: tenant.id, role: 'owner' as const, active: true, email: { $ne: null } };
  const owners = await em.find(User, where);
  return { tenantName: tenant.name, addresses: owners.map(({ email }) => email ?? null) };
}
