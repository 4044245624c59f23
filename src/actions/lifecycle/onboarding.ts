import { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import { line } from '../../domain/names.ts';
import {
  isOnboardingStep,
  type OnboardingStep,
  onboardingStepNames,
  onboardingSteps,
} from '../../domain/lifecycle/onboarding-steps.ts';
import { type Limits, termsOf } from '../../domain/plans/catalogue.ts';
import { entitlements } from '../../domain/plans/entitlements.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { OnboardingRecord } from '../../db/entities/work.ts';
import type { TenantScope } from '../../db/scope.ts';
import { describeTenant } from '../descriptions.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { resetInactivity } from '../suspension/inactivity-deadlines.ts';
import { announce } from './announcement.ts';
import { decide } from './transition.ts';

const step = z.string().refine(isOnboardingStep, 'not a step of the checklist');

export const completeStepInput = z.object({
  step,
  note: line(2000).optional(),
  evidence: line(2000).optional(),
});
export const waiveStepInput = z.object({ step, note: line(2000) });

/** Opens the checklist of a new enterprise tenant; what creating it has settled is ticked. */
export async function openOnboarding(scope: TenantScope): Promise<void> {
  for (const name of onboardingStepNames)
    scope.em.create(OnboardingRecord, { tenantId: scope.tenant.id, step: name });
  await scope.em.flush();
  await tickStep(scope, 'tenant_created');
  await tickStep(scope, 'plan_set');
}

/** The checklist in its order, and what is still in the way of going live. */
export async function getOnboarding(scope: TenantScope) {
  authorize(scope.actor, scope.tenant, 'onboarding.read');
  const records = new Map((await findRecords(scope)).map((found) => [found.step, found]));
  const steps = onboardingStepNames.flatMap((name) => {
    const found = records.get(name);
    return found ? [describeStep(name, found)] : [];
  });
  return {
    tenantId: scope.tenant.id,
    status: scope.tenant.status,
    steps,
    limitsToConfirm: limitsToConfirm(scope),
    open: steps.filter(({ state }) => state === 'open').map((each) => each.step),
    wentLiveAt: scope.tenant.wentLiveAt?.toISOString() ?? null,
  };
}

/** Ticks a step by hand, with a note or evidence. */
export async function completeStep(scope: TenantScope, input: z.infer<typeof completeStepInput>) {
  authorize(scope.actor, scope.tenant, 'onboarding.steer');
  const settled = await settle(scope, input.step, {
    state: 'done',
    note: input.note,
    evidence: input.evidence,
  });
  const confirmed =
    input.step === 'rate_limits_adjusted' ? { details: { limits: limitsToConfirm(scope) } } : {};
  await record(scope, 'onboarding_step.completed', {
    target: { kind: 'onboarding_step', id: input.step },
    ...confirmed,
  });
  return describeStep(input.step, settled);
}

/** Says why a step need not be done. It shows as waived. */
export async function waiveStep(scope: TenantScope, input: z.infer<typeof waiveStepInput>) {
  authorize(scope.actor, scope.tenant, 'onboarding.steer');
  const settled = await settle(scope, input.step, { state: 'waived', note: input.note });
  await record(scope, 'onboarding_step.waived', {
    target: { kind: 'onboarding_step', id: input.step },
    details: { note: input.note },
  });
  return describeStep(input.step, settled);
}

/** Ticks a step that the system has seen happen; harmless when the tenant has no checklist, or twice. */
export async function tickStep(scope: TenantScope, name: OnboardingStep): Promise<void> {
  if (scope.tenant.wentLiveAt) return;
  const found = await scope.em.findOne(OnboardingRecord, {
    tenantId: scope.tenant.id,
    step: name,
    state: 'open',
  });
  if (!found) return;
  Object.assign(found, { state: 'done', settledAt: scope.now, settledByKind: 'system' });
  await record(scope, 'onboarding_step.completed', {
    target: { kind: 'onboarding_step', id: name },
    details: { checkedBy: 'system' },
  });
}

/** Opens the tenant to all of its people. Refused while a step is open, naming each. */
export async function goLive(scope: TenantScope) {
  authorize(scope.actor, scope.tenant, 'onboarding.steer');
  const { tenant, status } = await decide(scope, 'go_live');
  const open = (await findRecords(scope)).filter(({ state }) => state === 'open').map((found) => found.step);
  if (open.length > 0) {
    const hint = open.includes('rate_limits_adjusted') ? askForLimits(scope) : '';
    throw new Refusal(
      'TRANSITION_NOT_ALLOWED',
      `cannot go live while steps are open: ${open.join(', ')}${hint}`,
      {
        from: tenant.status,
        action: 'go_live',
        allowed: ['complete_step', 'waive_step'],
        open,
      },
    );
  }
  tenant.status = status;
  tenant.wentLiveAt = scope.now;
  await scope.em.flush();
  await resetInactivity(scope);
  await announce(scope, 'went_live', { target: { kind: 'tenant', id: tenant.id } });
  await tellAdmins(scope, { mail: 'went_live' }, '');
  return describeTenant(tenant);
}

/** The limits that are agreed with each customer, as they are now: the plan's defaults, or what was agreed. */
function limitsToConfirm({ tenant }: TenantScope): Partial<Limits> {
  const { limits } = entitlements(tenant);
  const { custom } = termsOf(tenant.plan, tenant.planVersion);
  return Object.fromEntries(custom.map((limit) => [limit, limits[limit]]));
}

function askForLimits(scope: TenantScope): string {
  const limits = Object.entries(limitsToConfirm(scope)).map(([limit, value]) => `${limit} ${value}`);
  return `; rate_limits_adjusted confirms ${limits.join(' and ')}, or agree others by plans.setOverrides`;
}

function findRecords({ em, tenant }: TenantScope) {
  return em.find(OnboardingRecord, { tenantId: tenant.id });
}

type Settlement = { state: 'done' | 'waived'; note?: string | undefined; evidence?: string | undefined };

async function settle(scope: TenantScope, name: OnboardingStep, { state, note, evidence }: Settlement) {
  const found = await scope.em.findOne(OnboardingRecord, { tenantId: scope.tenant.id, step: name });
  if (!found) throw new Refusal('NOT_FOUND', 'this tenant has no onboarding checklist');
  if (scope.tenant.wentLiveAt) {
    throw new Refusal('TRANSITION_NOT_ALLOWED', 'this tenant is live: its checklist is closed', {
      from: scope.tenant.status,
      action: 'settle_step',
      allowed: [],
    });
  }
  return Object.assign(found, {
    state,
    note: note ?? null,
    evidence: evidence ?? null,
    settledAt: scope.now,
    settledByKind: scope.actor.kind,
    settledById: actorId(scope.actor),
  });
}

type StepRecord = Awaited<ReturnType<typeof findRecords>>[number];

function describeStep(name: OnboardingStep, found: StepRecord) {
  const { phase, owner, checkedBy, title } = onboardingSteps[name];
  return {
    step: name,
    phase,
    owner,
    title,
    checkedBy,
    state: found.state,
    note: found.note ?? null,
    evidence: found.evidence ?? null,
    settledAt: found.settledAt?.toISOString() ?? null,
    settledBy: found.settledByKind ?? null,
  };
}
