import { daysAfter } from './lifecycle/deadlines.ts';
import { Refusal } from './refusal.ts';

/** What is told of a tenant's life to endpoints, of the operator and of the tenant (Standard Webhooks: `type`). */
export const lifecycleEventTypes = [
  'tenant.created',
  'tenant.activated',
  'tenant.plan_changed',
  'tenant.trial_will_end',
  'tenant.suspended',
  'tenant.reinstated',
  'tenant.offboarding_scheduled',
  'tenant.offboarding_cancelled',
  'tenant.offboarded',
  'tenant.purged',
  'directory.mass_deprovisioning',
] as const;
export type LifecycleEventType = (typeof lifecycleEventTypes)[number];

/** What is told of a tenant's people and groups, to its own endpoints alone. */
export const directoryEventTypes = [
  'user.provisioned',
  'user.updated',
  'user.deprovisioned',
  'user.reactivated',
  'group.created',
  'group.updated',
  'group.deleted',
  'membership.added',
  'membership.removed',
] as const;
export type DirectoryEventType = (typeof directoryEventTypes)[number];

/** What an endpoint may listen to. */
export const webhookEventTypes = [...lifecycleEventTypes, ...directoryEventTypes] as const;
export type WebhookEventType = (typeof webhookEventTypes)[number];

/** What an endpoint is sent to try it out, whatever it listens to. */
export const testEventType = 'endpoint.test';

const deliveredTypes = [...webhookEventTypes, testEventType] as const;

/** What a delivery may tell of. */
export type DeliveredType = (typeof deliveredTypes)[number];

export const deliveryStates = ['pending', 'delivered', 'failed'] as const;

/** A delivery is tried again for so long; an endpoint that nothing reached for so long is switched off. */
export const webhookRetryDays = 3;
/** How long an old secret signs beside its successor. */
export const secretOverlapHours = 24;
/** How long a delivery that has settled stays in the log. */
export const deliveryLogDays = 30;
/** How many ids one event carries; what concerns more is several events. */
export const eventIdLimit = 1_000;
/** How many endpoints a tenant, or the operator, may have. */
export const endpointLimit = 20;

const firstDelaySeconds = 5;
const longestDelaySeconds = 8 * 3600;

/** The seconds between one try and the next: doubling, never above eight hours, three days in all. */
export const retryDelaysSeconds: readonly number[] = planDelays(webhookRetryDays * 86_400);

/**
 * When a delivery that has failed some times is tried again, or `null` after the last try. `chance`, from 0 to 1, moves
 * it by up to a fifth earlier or later, so that what failed together does not come back together.
 */
export function nextTry(failures: number, now: Date, chance: number): Date | null {
  const delay = retryDelaysSeconds[failures - 1];
  if (delay === undefined) return null;
  return new Date(now.getTime() + delay * 1000 * (0.8 + 0.4 * chance));
}

/** Whether an endpoint that has failed since then, and now answers like this, is to be switched off, and why. */
export function reasonToDisable(status: number | null, failingSince: Date, now: Date): string | null {
  if (status === 410) return 'it answered 410 Gone';
  if (now < daysAfter(failingSince, webhookRetryDays)) return null;
  return `nothing could be delivered for ${webhookRetryDays} days`;
}

/**
 * A URL that events may be posted to, in its normal form: https, or http where that is allowed, without credentials.
 * Where its host leads is looked at when something is sent.
 */
export function readWebhookUrl(text: string, { plainHttp }: { plainHttp: boolean }): string {
  if (!URL.canParse(text)) throw new Refusal('INVALID_INPUT', 'url: not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(plainHttp && url.protocol === 'http:')) {
    throw new Refusal('INVALID_INPUT', 'url: must begin with https://');
  }
  if (url.username !== '' || url.password !== '') {
    throw new Refusal('INVALID_INPUT', 'url: must not hold a user name or a password');
  }
  url.hash = '';
  return url.href;
}

function planDelays(totalSeconds: number): number[] {
  const delays: number[] = [];
  let left = totalSeconds;
  for (let delay = firstDelaySeconds; left > 0; delay = Math.min(delay * 2, longestDelaySeconds)) {
    delays.push(Math.min(delay, left));
    left -= delay;
  }
  return delays;
}
