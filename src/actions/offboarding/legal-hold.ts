import { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { setDeadline } from '../../db/deadlines.ts';
import { LegalHold } from '../../db/entities/offboarding.ts';
import { newId } from '../../db/ids.ts';
import { later } from '../../db/jobs.ts';
import type { TenantScope } from '../../db/scope.ts';
import { requireApproval } from '../operations/approval-gate.ts';
import { announce } from '../lifecycle/announcement.ts';
import { describeHold } from './offboarding-description.ts';
import { lockStanding } from '../lifecycle/transition.ts';

export const holdInput = z.object({ note: line(2000) });

/** Places a legal hold: the purge waits, everything else goes on. `CONFLICT` where one is placed already. */
export async function placeHold(scope: TenantScope, { note }: z.infer<typeof holdInput>) {
  authorize(scope.actor, scope.tenant, 'legal_hold.steer');
  const { tenant, hold } = await lockStanding(scope);
  if (tenant.purgeClaimedAt) throw new Refusal('TENANT_OFFBOARDED', 'this tenant is being deleted');
  if (hold) throw new Refusal('CONFLICT', 'a legal hold is placed already');
  const placed = scope.em.create(LegalHold, {
    tenantId: tenant.id,
    id: newId(),
    note,
    placedAt: scope.now,
    placedByKind: scope.actor.kind,
    placedById: actorId(scope.actor),
  });
  const target = { kind: 'legal_hold', id: placed.id };
  await announce(scope, 'hold_placed', { target, details: { note }, note });
  await scope.em.flush();
  return describeHold(placed);
}

/** Releases the hold, with a second person's approval. A purge that waited for it becomes due. */
export async function releaseHold(scope: TenantScope, { note }: z.infer<typeof holdInput>) {
  authorize(scope.actor, scope.tenant, 'legal_hold.steer');
  const { hold, offboarding } = await lockStanding(scope);
  if (!hold) throw new Refusal('NOT_FOUND', 'this tenant is under no legal hold');
  requireApproval(scope, 'offboarding.releaseHold');
  Object.assign(hold, {
    releasedAt: scope.now,
    releasedByKind: scope.actor.kind,
    releasedById: actorId(scope.actor),
    releaseNote: note,
  });
  const target = { kind: 'legal_hold', id: hold.id };
  await announce(scope, 'hold_released', { target, details: { note }, note });
  await scope.em.flush();
  if (offboarding?.phase === 'executed' && offboarding.purgeDueAt) {
    await setDeadline(scope, 'purge', offboarding.purgeDueAt);
    await later(scope, 'deadlines.sweep', {});
  }
  return describeHold(hold);
}
