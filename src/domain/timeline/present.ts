import type { AccessMode } from '../access.ts';
import type { Plan } from '../plans/catalogue.ts';
import type { SuspensionTrigger } from '../lifecycle/suspensions.ts';
import type { TenantStatus } from '../lifecycle/status.ts';

/** What is so of a tenant now, as far as one sentence tells it. */
export type Present = {
  status: TenantStatus;
  plan: Plan;
  accessMode: AccessMode;
  causes: readonly { trigger: SuspensionTrigger; since: string | null }[];
  scheduled: readonly { trigger: SuspensionTrigger; startsAt: string }[];
  offboarding: { phase: string; trigger: string; effectiveAt: string; purgeDueAt: string | null } | null;
  onHold: boolean;
  next: { title: string; at: string } | null;
};

/** Why a tenant is as it is, in sentences: its status, each cause, its leave, what comes next. */
export function sayPresent(present: Present): string {
  const { status, plan, accessMode, causes, scheduled, offboarding, onHold, next } = present;
  return [
    `it is ${status} on the ${plan} plan, with ${access[accessMode]}`,
    ...causes.map(
      ({ trigger, since }) => `suspended for ${words(trigger)}${since ? ` since ${day(since)}` : ''}`,
    ),
    ...scheduled.map(({ trigger, startsAt }) => `to be suspended for ${words(trigger)} on ${day(startsAt)}`),
    ...(offboarding ? [sayLeave(offboarding)] : []),
    ...(onHold ? ['a legal hold keeps its data'] : []),
    ...(next ? [`next, on ${day(next.at)}: ${next.title}`] : []),
  ].join('; ');
}

const access: Record<AccessMode, string> = {
  full: 'full access',
  read_only: 'reading only',
  blocked: 'no access but the owner’s to account and export',
  none: 'no access',
};

function sayLeave({ phase, trigger, effectiveAt, purgeDueAt }: NonNullable<Present['offboarding']>): string {
  if (phase === 'scheduled') return `on notice (${words(trigger)}): it ends on ${day(effectiveAt)}`;
  if (phase === 'purging') return 'its data is being deleted';
  return `it has ended (${words(trigger)})${purgeDueAt ? `: its data is deleted from ${day(purgeDueAt)}` : ''}`;
}

function words(name: string): string {
  return name.replaceAll('_', ' ');
}

function day(moment: string): string {
  return moment.slice(0, 10);
}
