/** All that happens to a tenant by itself, each kind fired by one action. */
export const deadlineKinds = [
  'trial_notice_7',
  'trial_will_end',
  'trial_notice_1',
  'trial_end',
  'invitation_expiry',
  'suspension_start',
  'suspension_end',
  'payment_promise',
  'offboarding_notice_7',
  'offboarding_notice_1',
  'offboarding_execution',
  'purge',
  'inactivity_notice_14',
  'inactivity_notice_3',
  'inactivity_suspension',
  'task_escalation',
  'plan_change',
  'overrides_end',
  'payment_due',
  'dunning_mail',
  'dunning_read_only',
  'dunning_blocked',
  'dunning_notice',
  'overage_end',
  'scim_token_notice_30',
  'scim_token_notice_7',
  'scim_token_notice_1',
] as const;
export type DeadlineKind = (typeof deadlineKinds)[number];

const DAY = 86_400_000;

/** A moment some days later; a day is 24 hours. */
export function daysAfter(moment: Date, days: number): Date {
  return new Date(moment.getTime() + days * DAY);
}

/** A moment some minutes later. */
export function minutesAfter(moment: Date, minutes: number): Date {
  return new Date(moment.getTime() + minutes * 60_000);
}

/** Milliseconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds (`P30D`, `PT12H`); `null` if it is none. */
export function durationMilliseconds(text: string): number | null {
  const match =
    /^P(?=.)(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?$/.exec(
      text,
    );
  if (!match) return null;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  return (weeks * 7 + days) * DAY + hours * 3_600_000 + minutes * 60_000 + seconds * 1000;
}
