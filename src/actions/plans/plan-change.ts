import { z } from 'zod';
import { currentVersion, isUpgrade, plans } from '../../domain/plans/catalogue.ts';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { TenantScope } from '../../db/scope.ts';
import { decide } from '../lifecycle/transition.ts';
import { lockAgainstWriters } from '../locks.ts';
import { describeTerms } from './current-plan.ts';
import { applyPlan } from './plan-application.ts';
import { describeEffects } from './plan-effects.ts';
import { describeOutcome, type Outcome, termsUnder } from './plan-outcome.ts';
import { requestPlan } from './plan-requests.ts';
import { scheduleChange } from './scheduled-change.ts';

export const changePlanInput = z.object({
  plan: z.enum(plans),
  /** Upgrades are at once, downgrades at the end of the period, unless an operator says otherwise. */
  when: z.enum(['now', 'period_end']).optional(),
  note: line(2000).optional(),
});
export type ChangePlanInput = z.infer<typeof changePlanInput>;

/**
 * Puts a tenant on another plan: at once, at the end of its period, or by a request that operators decide. Refuses with
 * `PLAN_LIMIT_REACHED` and all that is over where the tenant does not fit. Nothing is deleted, and coming back restores
 * all. What was agreed beside the plan stays until its own end.
 */
export async function changePlan(scope: TenantScope, input: ChangePlanInput) {
  authorize(scope.actor, scope.tenant, 'plan.change');
  requireNote(scope, input);
  await lockAgainstWriters(scope);
  const { tenant } = await decide(scope, 'change_plan');
  if (tenant.plan === input.plan) {
    throw new Refusal('CONFLICT', `this tenant is on the ${input.plan} plan already`);
  }
  const decided = { ...scope, tenant };
  const before = await describeTerms(decided);
  const planOverrides = tenant.planOverrides ?? null;
  const target = { plan: input.plan, planVersion: currentVersion, planOverrides };
  const after = termsUnder(decided, target);
  const effects = await describeEffects(decided, target);
  const outcome = await takeWay(decided, input);
  const read = outcome.outcome === 'changed' ? await describeTerms(decided) : after;
  return { ...(await describeOutcome(decided, outcome, { before, after: read })), effects };
}

/** Operators choose when; an owner's smaller plan begins at the period's end, a larger one is paid for or decided. */
async function takeWay(scope: TenantScope, input: ChangePlanInput): Promise<Outcome> {
  const { actor, tenant } = scope;
  const change = { plan: input.plan, note: input.note ?? null };
  const upgrade = isUpgrade(tenant.plan, input.plan);
  if (actor.kind === 'user') {
    if (upgrade || tenant.plan === 'enterprise') return requestPlan(scope, change);
    if (input.when === 'now') {
      throw new Refusal(
        'PERMISSION_DENIED',
        'a smaller plan begins when the period ends; operators may do it now',
      );
    }
  }
  const when = input.when ?? (upgrade ? 'now' : 'period_end');
  if (when === 'period_end') return scheduleChange(scope, change);
  await applyPlan(scope, change);
  return { outcome: 'changed', wanted: input.plan, effectiveAt: scope.tenantNow.toISOString() };
}

function requireNote({ actor }: TenantScope, { note }: ChangePlanInput): void {
  if (actor.kind === 'operator' && note === undefined) {
    throw new Refusal('INVALID_INPUT', 'note: say why, for the customer record');
  }
}
