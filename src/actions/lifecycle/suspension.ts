import { z } from 'zod';
import { type Actor, actorId } from '../../domain/actors.ts';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { isLiving, nextStatus, strictestMode, suspensionModes } from '../../domain/lifecycle/status.ts';
import { requireMayRaise, suspensionTriggers } from '../../domain/lifecycle/suspensions.ts';
import { record } from '../../db/audit.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import { Suspension } from '../../db/entities/work.ts';
import { newId } from '../../db/ids.ts';
import type { TenantScope } from '../../db/scope.ts';
import { describeTenant } from '../descriptions.ts';
import { lockTenant } from '../locks.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { endSessions } from '../people/sessions.ts';
import { pauseTrial, resumeTrial } from './trial.ts';

export const suspendTenantInput = z.object({
  trigger: z.enum(suspensionTriggers),
  mode: z.enum(suspensionModes),
  note: line(2000),
  notify: z.boolean().default(true),
});
export const reinstateTenantInput = z.object({ suspensionId: z.uuid().optional(), note: line(2000) });

/** Suspends a tenant for one more cause; the strictest of all causes rules. `blocked` ends every session. */
export async function suspendTenant(scope: TenantScope, input: z.infer<typeof suspendTenantInput>) {
  const { em, actor, now } = scope;
  authorize(actor, scope.tenant, 'suspension.steer');
  requireMayRaise(actor, input.trigger, 'raise');
  const tenant = await lockTenant(scope);
  const status = nextStatus(tenant, 'suspend');
  if (isLiving(tenant.status)) {
    tenant.statusBefore = tenant.status;
    tenant.suspendedAt = scope.tenantNow;
    if (tenant.status === 'trial') await pauseTrial(scope);
  }
  tenant.status = status;
  const suspension = em.create(Suspension, {
    tenantId: tenant.id,
    id: newId(),
    trigger: input.trigger,
    mode: input.mode,
    note: input.note,
    raisedAt: now,
    raisedByKind: actor.kind,
    raisedById: actorId(actor),
  });
  tenant.suspensionMode = strictestMode([
    input.mode,
    ...(tenant.suspensionMode ? [tenant.suspensionMode] : []),
  ]);
  if (tenant.suspensionMode === 'blocked') await endSessions(scope, {}, 'tenant_blocked');
  await record(scope, 'tenant.suspended', {
    target: { kind: 'suspension', id: suspension.id },
    details: { trigger: input.trigger, mode: input.mode, note: input.note },
  });
  if (input.notify) await tellAdmins(scope, { mail: 'suspended', suspensionId: suspension.id });
  return { ...describeTenant(tenant), suspension: describeSuspension(suspension) };
}

/** Lifts one cause. The tenant returns to the status before when no cause is left. */
export async function reinstateTenant(scope: TenantScope, input: z.infer<typeof reinstateTenantInput>) {
  const { actor, now } = scope;
  authorize(actor, scope.tenant, 'suspension.steer');
  const tenant = await lockTenant(scope);
  const status = nextStatus(tenant, 'reinstate');
  const open = await scope.em.find(Suspension, { tenantId: tenant.id, liftedAt: null });
  const suspension = chooseSuspension(open, input.suspensionId);
  requireMayLift(actor, suspension);
  Object.assign(suspension, {
    liftedAt: now,
    liftedByKind: actor.kind,
    liftedById: actorId(actor),
    liftNote: input.note,
  });
  const left = open.filter((other) => other !== suspension);
  await settleStatus(scope, tenant, { before: status, left });
  await record(scope, 'tenant.reinstated', {
    target: { kind: 'suspension', id: suspension.id },
    details: {
      trigger: suspension.trigger,
      note: input.note,
      causesLeft: left.map(({ trigger }) => trigger),
    },
  });
  await tellAdmins(scope, { mail: 'reinstated', suspensionId: suspension.id });
  return { ...describeTenant(tenant), suspension: describeSuspension(suspension) };
}

/** Every suspension a tenant has or had, newest first. */
export async function listSuspensions({ em, actor, tenant }: TenantScope) {
  authorize(actor, tenant, 'suspension.read');
  const found = await em.find(Suspension, { tenantId: tenant.id }, { orderBy: { id: 'desc' } });
  return { items: found.map(describeSuspension), nextCursor: null };
}

async function settleStatus(
  scope: TenantScope,
  tenant: Tenant,
  { before, left }: { before: Tenant['status']; left: readonly Suspension[] },
): Promise<void> {
  tenant.suspensionMode = strictestMode(left.map(({ mode }) => mode));
  if (left.length > 0) return;
  const since = tenant.suspendedAt ?? scope.tenantNow;
  Object.assign(tenant, { status: before, statusBefore: null, suspendedAt: null });
  if (before === 'trial') await resumeTrial(scope, tenant, since);
}

function chooseSuspension(open: Suspension[], id: string | undefined): Suspension {
  const chosen = id === undefined ? open[0] : open.find((suspension) => suspension.id === id);
  if (!chosen) throw new Refusal('NOT_FOUND', 'no such open suspension');
  if (id === undefined && open.length > 1) {
    throw new Refusal('INVALID_INPUT', 'several suspensions are open: name one by suspensionId', {
      open: open.map((suspension) => suspension.id),
    });
  }
  return chosen;
}

// An owner takes back only what the owner asked for; every other cause is lifted by who may raise it.
function requireMayLift(actor: Actor, suspension: Suspension): void {
  if (actor.kind === 'user' && suspension.raisedByKind !== 'user') {
    throw new Refusal('PERMISSION_DENIED', 'you may only lift a suspension that you asked for');
  }
  requireMayRaise(actor, suspension.trigger, 'lift');
}

function describeSuspension(suspension: Suspension) {
  return {
    id: suspension.id,
    trigger: suspension.trigger,
    mode: suspension.mode,
    note: suspension.note,
    raisedAt: suspension.raisedAt.toISOString(),
    raisedBy: { kind: suspension.raisedByKind, id: suspension.raisedById ?? null },
    liftedAt: suspension.liftedAt?.toISOString() ?? null,
    liftedBy: suspension.liftedByKind
      ? { kind: suspension.liftedByKind, id: suspension.liftedById ?? null }
      : null,
    liftNote: suspension.liftNote ?? null,
  };
}
