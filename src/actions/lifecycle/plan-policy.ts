import { LockMode } from '@mikro-orm/core';
import { z } from 'zod';
import { type Plan, plans, termsOf } from '../../domain/plans/catalogue.ts';
import { requirePermission } from '../../domain/permissions.ts';
import { record } from '../../db/audit.ts';
import { PlanPolicy } from '../../db/entities/operations.ts';
import type { ControlScope, Database } from '../../db/scope.ts';
import { longestNotice } from '../suspension/inactivity-deadlines.ts';
import { clearInactivityOfPlan, setInactivityOfPlan } from '../suspension/inactivity-of-plan.ts';

/** What is given is set, the rest stays; `null` takes it back: no inactivity, the catalogue's retention. */
export const setPolicyInput = z.object({
  plan: z.enum(plans),
  /** Both warnings have their place before the suspension. */
  inactivityDays: z
    .int()
    .min(longestNotice + 1)
    .max(3650)
    .nullable()
    .optional(),
  retentionDays: z.int().min(1).max(3650).nullable().optional(),
});

/** Every plan with its terms, and what was decided for all of its tenants. */
export async function listPlans({ glance }: Pick<Database, 'glance'>) {
  const policies = await glance.atControlPlane<PolicyRow>({
    name: 'plan_policies',
    text: `select plan, inactivity_days as "inactivityDays", retention_days as "retentionDays" from plan_policies`,
    values: [],
  });
  return plans.map((plan) => describePolicy(plan, policies.find((policy) => policy.plan === plan) ?? null));
}

/**
 * Decides for all tenants of a plan after how many idle days they are suspended, and how long their data is kept
 * after the end. The deadlines of every active and trial tenant are set or cleared with it; a repetition sets what is
 * missing and moves nothing.
 */
export async function setPolicy(scope: ControlScope, input: z.infer<typeof setPolicyInput>) {
  requirePermission(scope.actor, 'plan_policy.write');
  const { em, now } = scope;
  const { plan } = input;
  const found = await em.findOne(PlanPolicy, { plan }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  const policy =
    found ?? em.create(PlanPolicy, { plan, inactivityDays: null, retentionDays: null, updatedAt: now });
  const before = {
    inactivityDays: policy.inactivityDays ?? null,
    retentionDays: policy.retentionDays ?? null,
  };
  const { inactivityDays = before.inactivityDays, retentionDays = before.retentionDays } = input;
  Object.assign(policy, { inactivityDays, retentionDays, updatedAt: now });
  await em.flush();
  if (inactivityDays !== before.inactivityDays) await clearInactivityOfPlan(scope, plan);
  if (inactivityDays !== null) await setInactivityOfPlan(scope, plan, inactivityDays);
  await record(scope, 'plan_policy.updated', {
    target: { kind: 'plan', id: plan },
    details: { plan, before, after: { inactivityDays, retentionDays } },
  });
  return describePolicy(plan, { inactivityDays, retentionDays });
}

type PolicyRow = { plan: Plan; inactivityDays: number | null; retentionDays: number | null };

function describePolicy(plan: Plan, policy: Omit<PolicyRow, 'plan'> | null) {
  const terms = termsOf(plan);
  return {
    plan,
    ...terms,
    retentionDays: policy?.retentionDays ?? terms.retentionDays,
    inactivityDays: policy?.inactivityDays ?? null,
  };
}
