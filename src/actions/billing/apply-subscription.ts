import { LockMode } from '@mikro-orm/core';
import type { CustomerStanding } from '../../domain/billing/gateway.ts';
import { type Meaning, meaningOf, owedInvoice } from '../../domain/billing/standing.ts';
import { hasEnded } from '../../domain/billing/subscription.ts';
import { isLiving } from '../../domain/lifecycle/status.ts';
import { BillingAccount } from '../../db/entities/billing.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import type { TenantScope } from '../../db/scope.ts';
import { announce } from '../lifecycle/announcement.ts';
import { lockAgainstWriters } from '../locks.ts';
import { lockStanding } from '../lifecycle/transition.ts';
import { closeTasksOf } from '../suspension/tasks.ts';
import { askForReview } from './billing-review.ts';
import { endDunning, startDunning } from './dunning.ts';
import { endPaidTrial, grantPlan, moveTrialEnd, pauseUnpaid, resumeUnpaid } from './plan-granting.ts';

/** What was read of a customer at the provider, and when it was asked, by the database's clock. */
export type Reading = CustomerStanding & { customerId: string; readAt: Date };

/** What came of a reading: `stale`: something newer is known, or the customer is not this tenant's any more. */
export type Applied = { became: 'changed' | 'same' | 'stale'; questions: string[] };

type Judged = {
  reading: Reading;
  meaning: Meaning;
  account: BillingAccount;
  tenant: Tenant;
  repair: boolean;
};

/**
 * Makes a tenant what its customer's standing at the provider says, under the tenant's lock. The same reading twice
 * changes nothing; one that is older than what is known is left. With `repair` also what somebody changed here by hand
 * is put right; without, only what has changed there.
 */
export async function applySubscription(
  scope: TenantScope,
  reading: Reading,
  { repair = false }: { repair?: boolean } = {},
): Promise<Applied> {
  await lockAgainstWriters(scope);
  const { tenant } = await lockStanding(scope);
  const locked = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const;
  const account = await scope.em.findOne(BillingAccount, { tenantId: tenant.id }, locked);
  if (account?.customerId !== reading.customerId) return { became: 'stale', questions: [] };
  if (account.readAt && account.readAt > reading.readAt) return { became: 'stale', questions: [] };
  const meaning = meaningOf(reading);
  const before = summaryOf(account);
  const judged = { reading, meaning, account, tenant, repair };
  const questions = questionsOf(judged);
  const moved = tenant.status === 'offboarded' ? false : await follow(scope, judged);
  await writeReading(scope, judged);
  for (const question of questions) await askForReview(scope, question);
  const after = summaryOf(account);
  const changed = JSON.stringify(before) !== JSON.stringify(after);
  if (changed) await announce(scope, 'billing_changed', { details: after });
  if (tenant.status === 'offboarded') await closeBilling(scope, judged);
  if (reading.deleted) await detach(scope, account);
  await scope.em.flush();
  return { became: changed || moved || reading.deleted ? 'changed' : 'same', questions };
}

/** What people have to look at, for the rules do not say. */
function questionsOf({ reading, meaning, tenant }: Judged): string[] {
  const { subscription, strays } = reading;
  const lives = meaning === 'granted' || meaning === 'paused';
  return [
    ...(meaning === 'unknown' && subscription?.bought
      ? [`the subscription has a status that is not known: ${subscription.status}`]
      : []),
    ...(meaning === 'unknown' && !subscription?.bought
      ? ['the subscription has a price that is not in the catalogue']
      : []),
    ...(strays.length > 0 ? [`the customer has further subscriptions: ${strays.join(', ')}`] : []),
    ...(lives && tenant.plan === 'enterprise' ? ['an enterprise tenant also has a subscription'] : []),
    ...(lives && tenant.status === 'offboarded' ? ['a tenant that has left still has a subscription'] : []),
  ];
}

/** Moves the tenant to where its subscription leads; tells whether it moved. */
async function follow(scope: TenantScope, judged: Judged): Promise<boolean> {
  const { reading, meaning, tenant } = judged;
  const { subscription } = reading;
  let moved = false;
  // What an enterprise tenant has is agreed by contract: no subscription takes it away.
  if (tenant.plan !== 'enterprise' && (isLiving(tenant.status) || tenant.status === 'suspended')) {
    if (meaning === 'granted' || meaning === 'paused') moved = await give(scope, judged);
    if (meaning === 'ended' && isNews(judged)) moved = await takeAway(scope, judged);
  }
  if (meaning !== 'unknown') await followPayment(scope, judged, owedInvoice(subscription));
  return moved;
}

async function give(scope: TenantScope, judged: Judged): Promise<boolean> {
  const { reading, account, tenant, repair } = judged;
  const { bought, status, trialEnd } = reading.subscription ?? {};
  if (!bought) return false;
  const isTrial = status === 'trialing';
  const ended = isTrial || status === 'paused' ? false : await endPaidTrial(scope, tenant);
  const wanted = repair || isNews(judged) || account.plan !== bought.plan;
  const granted = wanted ? await grantPlan(scope, tenant, bought.plan) : false;
  const shifted = isTrial && trialEnd ? await moveTrialEnd(scope, tenant, trialEnd) : false;
  if (status === 'paused') await pauseUnpaid(scope, tenant);
  else if (account.subscriptionStatus === 'paused') await resumeUnpaid(scope);
  return ended || granted || shifted;
}

async function takeAway(scope: TenantScope, { tenant, account }: Judged): Promise<boolean> {
  const ended = await endPaidTrial(scope, tenant);
  if (account.subscriptionStatus === 'paused') await resumeUnpaid(scope);
  return (await grantPlan(scope, tenant, 'free')) || ended;
}

/** Whether the provider says something of this subscription that was not known. */
function isNews({ reading, account }: Judged): boolean {
  const { subscription, deleted } = reading;
  if (!subscription) return deleted && account.subscriptionId !== null;
  return account.subscriptionId !== subscription.id || account.subscriptionStatus !== subscription.status;
}

/** Begins and ends the dunning with what the provider says; what people have settled by hand stays settled. */
async function followPayment(scope: TenantScope, { account, tenant }: Judged, owed: string | null) {
  const known = account.unpaidInvoice;
  if (owed !== null) {
    const isSettledByHand = account.paidUntil !== null && account.paidUntil > scope.tenantNow;
    if (owed !== known && !isSettledByHand) await startDunning({ ...scope, tenant }, account, owed);
    return;
  }
  if (known !== null && isProviders(known)) await endDunning(scope, account, 'the invoice is settled');
}

// An invoice that operators name by hand is theirs to settle.
const isProviders = (invoice: string) => invoice.startsWith('in_');

async function writeReading({ now }: TenantScope, { reading, meaning, account }: Judged): Promise<void> {
  const { subscription, readAt } = reading;
  Object.assign(account, { readAt, updatedAt: now });
  if (!subscription) return;
  const gives = meaning === 'granted' || meaning === 'paused';
  Object.assign(account, {
    subscriptionId: subscription.id,
    subscriptionStatus: subscription.status,
    ...(meaning === 'unknown' ? {} : { plan: gives ? (subscription.bought?.plan ?? null) : null }),
    interval: subscription.bought?.interval ?? null,
    currency: subscription.bought?.currency ?? null,
    anchorAt: subscription.anchorAt,
    periodStart: subscription.currentPeriodStart,
    periodEnd: subscription.currentPeriodEnd,
    cancelAt: subscription.cancelAt,
    cancelledAt: subscription.cancelledAt,
  });
}

/** Ticks off the end of billing of a tenant that has left, once nothing lives and nothing is owed at the provider. */
async function closeBilling(scope: TenantScope, { reading }: Judged): Promise<void> {
  const { subscription, strays, customerId, deleted } = reading;
  if (strays.length > 0 || owedInvoice(subscription) !== null) return;
  if (subscription && !hasEnded(subscription) && !deleted) return;
  const note = 'the payment provider says that the subscription is over';
  await closeTasksOf(scope, 'closing_billing', { note, evidence: subscription?.id ?? customerId });
}

/** The customer is no more: what comes of an event about it finds nobody. */
async function detach(scope: TenantScope, account: BillingAccount): Promise<void> {
  const { customerId } = account;
  await announce(scope, 'billing_detached', { details: { customerId } });
  Object.assign(account, { customerId: null, subscriptionId: null, subscriptionStatus: null, plan: null });
}

function summaryOf(account: BillingAccount) {
  return {
    subscription: account.subscriptionId,
    status: account.subscriptionStatus,
    plan: account.plan,
    interval: account.interval,
    periodEnd: account.periodEnd?.toISOString() ?? null,
    cancelAt: account.cancelAt?.toISOString() ?? null,
  };
}
