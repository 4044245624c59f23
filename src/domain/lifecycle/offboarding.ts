import type { Actor, OperatorRole } from '../actors.ts';
import { Refusal } from '../refusal.ts';
import { daysAfter } from './deadlines.ts';
import { type Plan, termsOf } from '../plans/catalogue.ts';
import type { Priority } from './priorities.ts';

/** Why a tenant leaves. */
export const offboardingTriggers = [
  'customer_request',
  'contract_end',
  'non_payment',
  'terms_violation',
] as const;
export type OffboardingTrigger = (typeof offboardingTriggers)[number];

/**
 * Where an offboarding stands: on notice, executed (the tenant is offboarded and its data retained), being purged,
 * or taken back. A purge that is over leaves a tombstone and no offboarding.
 */
export const offboardingPhases = ['scheduled', 'executed', 'purging', 'cancelled'] as const;
export type OffboardingPhase = (typeof offboardingPhases)[number];

type Terms = {
  priority: Priority;
  /** Days between the notice and the end. */
  graceDays: number;
  operators: readonly OperatorRole[];
  owner?: true;
  system?: true;
};

const careAndEngineering = ['customer_success', 'engineering'] as const;

/** The operations manual's table 7.2, and who may give notice (and take it back) for which reason. */
const terms: Record<OffboardingTrigger, Terms> = {
  customer_request: { priority: 'P1', graceDays: 30, operators: careAndEngineering, owner: true },
  contract_end: { priority: 'P1', graceDays: 30, operators: careAndEngineering, system: true },
  non_payment: { priority: 'P2', graceDays: 60, operators: careAndEngineering, system: true },
  terms_violation: { priority: 'P0', graceDays: 0, operators: careAndEngineering },
};

/** Priority and grace of a reason to leave. */
export function offboardingTerms(trigger: OffboardingTrigger): Readonly<Terms> {
  return terms[trigger];
}

/** Refuses with `PERMISSION_DENIED` unless the actor may give notice for this reason, or take it back. */
export function requireMayOffboard(actor: Actor, trigger: OffboardingTrigger): void {
  const { operators, owner, system } = terms[trigger];
  if (actor.kind === 'system' && system) return;
  if (actor.kind === 'operator' && operators.includes(actor.role)) return;
  if (actor.kind === 'user' && actor.role === 'owner' && owner) return;
  throw new Refusal('PERMISSION_DENIED', `you may not offboard a tenant for ${trigger}`);
}

/** When an offboarding takes effect, and whether that is sooner than the notice that the reason gives. */
export function effectiveDate(
  trigger: OffboardingTrigger,
  now: Date,
  asked: Date | undefined,
): { effectiveAt: Date; soonerThanNotice: boolean } {
  const { graceDays } = terms[trigger];
  const usual = daysAfter(now, graceDays);
  const effectiveAt = asked ?? usual;
  if (effectiveAt < now) throw new Refusal('INVALID_INPUT', 'effectiveAt: is in the past');
  return { effectiveAt, soonerThanNotice: effectiveAt < usual || graceDays === 0 };
}

/** Days between the end and the purge: the tenant's own, or its plan's as the policy or the catalogue has it. */
export function retentionDaysOf(tenantDays: number | null, policyDays: number | null, plan: Plan): number {
  return tenantDays ?? policyDays ?? termsOf(plan).retentionDays;
}
