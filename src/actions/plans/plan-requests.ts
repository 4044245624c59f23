import { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import { line } from '../../domain/names.ts';
import { currentVersion, type Plan } from '../../domain/plans/catalogue.ts';
import { pageInput } from '../../domain/pages.ts';
import { authorize, requirePermission } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { PlanRequest, planRequestStates } from '../../db/entities/plans.ts';
import { newId } from '../../db/ids.ts';
import { pageOf } from '../../db/pages.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';
import { decide } from '../lifecycle/transition.ts';
import { lockAgainstWriters } from '../locks.ts';
import { tellAdmins, tellOperators } from '../notifications/notices.ts';
import { applyPlan } from './plan-application.ts';
import { requireFit } from './plan-fit.ts';
import type { Outcome } from './plan-outcome.ts';

export const listRequestsInput = pageInput.extend({ state: z.enum(planRequestStates).optional() });
export const decideRequestInput = z.object({ requestId: z.uuid(), approve: z.boolean(), note: line(2000) });
export const requestInput = z.object({ requestId: z.uuid() });

/**
 * What an owner's wish for another plan becomes: `payment_required` where it is sold by itself and billing is on, else a
 * request that operators decide. A newer wish takes the place of an open one.
 */
export async function requestPlan(
  scope: TenantScope,
  { plan, note }: { plan: Plan; note: string | null },
): Promise<Outcome> {
  const { em, tenant, actor, now, ports } = scope;
  await requireFit(scope, { plan, planVersion: currentVersion, planOverrides: tenant.planOverrides ?? null });
  if (ports.billing && plan !== 'enterprise' && tenant.plan !== 'enterprise') {
    return { outcome: 'payment_required', wanted: plan, effectiveAt: null, pay: 'billing.checkout' };
  }
  const settled = { decidedAt: now, decidedByKind: actor.kind, decidedById: actorId(actor) };
  await em.nativeUpdate(
    PlanRequest,
    { tenantId: tenant.id, state: 'open' },
    { state: 'withdrawn', ...settled },
  );
  const request = em.create(PlanRequest, {
    tenantId: tenant.id,
    id: newId(),
    plan,
    note,
    requestedAt: now,
    requestedById: actorId(actor) ?? tenant.id,
  });
  await record(scope, 'plan_request.created', {
    target: { kind: 'plan_request', id: request.id },
    details: { from: tenant.plan, to: plan, note },
  });
  await em.flush();
  const roles = ['billing', 'customer_success'] as const;
  await tellOperators(
    scope,
    { mail: 'plan_requested', requestId: request.id },
    { roles, occurrence: request.id },
  );
  return { outcome: 'requested', wanted: plan, effectiveAt: null, requestId: request.id };
}

/** Requests over all tenants for operators, or of one; the newest first. */
export async function listRequests(
  scope: ControlScope | TenantScope,
  input: z.infer<typeof listRequestsInput>,
) {
  const state = input.state ? { state: input.state } : {};
  if (scope.kind === 'tenant') authorize(scope.actor, scope.tenant, 'plan.read');
  else requirePermission(scope.actor, 'plan.read');
  const where = scope.kind === 'tenant' ? { tenantId: scope.tenant.id, ...state } : state;
  return pageOf({
    page: input,
    find: (newestFirst, after) => scope.em.find(PlanRequest, { ...where, ...after }, newestFirst),
    describe: describeRequest,
  });
}

/** Grants a request, and changes the plan with it, or turns it down; its owner is told. */
export async function decideRequest(scope: TenantScope, input: z.infer<typeof decideRequestInput>) {
  authorize(scope.actor, scope.tenant, 'plan_request.decide');
  await lockAgainstWriters(scope);
  const request = await settle(scope, input.requestId, {
    state: input.approve ? 'approved' : 'rejected',
    decisionNote: input.note,
  });
  if (input.approve) {
    const { tenant } = await decide(scope, 'change_plan');
    if (tenant.plan !== request.plan) {
      await applyPlan({ ...scope, tenant }, { plan: request.plan, note: input.note });
    }
  }
  await tellAdmins(scope, { mail: 'plan_request_decided', requestId: request.id }, request.id);
  return describeRequest(request);
}

/** Takes one's own request back. */
export async function withdrawRequest(scope: TenantScope, { requestId }: z.infer<typeof requestInput>) {
  authorize(scope.actor, scope.tenant, 'plan.change');
  return describeRequest(await settle(scope, requestId, { state: 'withdrawn', decisionNote: null }));
}

type Settlement = { state: 'approved' | 'rejected' | 'withdrawn'; decisionNote: string | null };

async function settle(scope: TenantScope, id: string, settlement: Settlement): Promise<PlanRequest> {
  const { em, tenant, actor, now } = scope;
  const decider = { decidedAt: now, decidedByKind: actor.kind, decidedById: actorId(actor) };
  const open = { tenantId: tenant.id, id, state: 'open' as const };
  const settled = await em.nativeUpdate(PlanRequest, open, { ...settlement, ...decider });
  const request = await em.findOne(PlanRequest, { tenantId: tenant.id, id }, { refresh: true });
  if (!request) throw new Refusal('NOT_FOUND', 'no such request');
  if (settled === 0) throw new Refusal('CONFLICT', `this request is ${request.state} already`);
  await record(scope, `plan_request.${settlement.state}`, {
    target: { kind: 'plan_request', id },
    details: { to: request.plan, note: settlement.decisionNote },
  });
  return request;
}

function describeRequest(request: PlanRequest) {
  const { id, tenantId, plan, note, state, requestedAt, decidedAt, decisionNote } = request;
  return {
    id,
    tenantId,
    plan,
    note: note ?? null,
    state,
    requestedAt: requestedAt.toISOString(),
    decidedAt: decidedAt?.toISOString() ?? null,
    decisionNote: decisionNote ?? null,
  };
}
