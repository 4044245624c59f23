import { dunningKinds, planDunning } from '../../domain/billing/dunning.ts';
import { isLiving } from '../../domain/lifecycle/status.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import type { BillingAccount } from '../../db/entities/billing.ts';
import { Offboarding } from '../../db/entities/offboarding.ts';
import { Suspension } from '../../db/entities/work.ts';
import type { TenantScope } from '../../db/scope.ts';
import { announce } from '../lifecycle/announcement.ts';
import { lockStanding } from '../lifecycle/transition.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { cancelOffboarding } from '../offboarding/offboarding-cancellation.ts';
import { scheduleOffboarding } from '../offboarding/offboarding.ts';
import { findOpen, lift } from '../suspension/lifting.ts';
import { raiseSuspension } from '../suspension/suspension.ts';
import { tightenSuspension } from '../suspension/tightening.ts';
import { findAccount } from './billing-account.ts';

const asSystem = (scope: TenantScope): TenantScope => ({ ...scope, actor: { kind: 'system' } });

/**
 * A payment has failed: the ladder begins now, in the tenant's own time, with every step a deadline. While it runs a
 * further failure changes nothing but the invoice that is named.
 */
export async function startDunning(
  scope: TenantScope,
  account: BillingAccount,
  invoice: string | null,
): Promise<void> {
  if (scope.tenant.status === 'offboarded') return;
  const running = account.dunningSince !== null;
  if (running && account.unpaidInvoice === invoice) return;
  Object.assign(account, {
    dunningSince: account.dunningSince ?? scope.tenantNow,
    unpaidInvoice: invoice,
    updatedAt: scope.now,
  });
  await announce(scope, 'payment_failed', { details: { invoice } });
  await scope.em.flush();
  if (running) return;
  for (const { kind, subject, dueAt } of planDunning(scope.tenantNow, scope.ports.dunning))
    await setDeadline(scope, kind, dueAt, subject);
}

/**
 * The payment has come: what was still to happen does not, every suspension for it is lifted, a notice for it is taken
 * back. Any other cause stays. Harmless where nothing was owed. Tells which suspensions it lifted.
 */
export async function endDunning(
  scope: TenantScope,
  account: BillingAccount,
  note: string,
): Promise<string[]> {
  const wasRunning = account.dunningSince !== null;
  Object.assign(account, { dunningSince: null, unpaidInvoice: null, updatedAt: scope.now });
  await scope.em.flush();
  for (const kind of dunningKinds) await clearDeadline(scope, kind);
  const lifted = await liftPaid(scope, note);
  const offboarding = await findNotice(scope);
  if (offboarding) await cancelOffboarding(asSystem(scope), { note });
  if (!wasRunning && lifted.length === 0 && !offboarding) return [];
  await announce(scope, 'payment_received', { details: { note, lifted }, note });
  await tellAdmins(scope, { mail: 'payment_received' }, scope.now.toISOString());
  return lifted;
}

/** Tells the admins that a payment is missing, and what comes next. */
export async function remindOfPayment(scope: TenantScope, step: string): Promise<void> {
  const account = await findOwing(scope);
  if (!account?.dunningSince) return;
  await tellAdmins(
    scope,
    { mail: 'payment_failed', step: Number(step) },
    `${account.dunningSince.toISOString()} ${step}`,
  );
}

/** Suspends who has not paid: first it can still be read. */
export async function suspendUnpaid(scope: TenantScope): Promise<void> {
  const account = await findOwing(scope);
  if (!account || (await waitsForPromise(scope, 'dunning_read_only'))) return;
  if (await findCause(scope)) return;
  await raiseSuspension(asSystem(scope), causeOf(account, 'read_only'));
}

/** Blocks who has not paid in that time either. */
export async function blockUnpaid(scope: TenantScope): Promise<void> {
  const account = await findOwing(scope);
  if (!account || (await waitsForPromise(scope, 'dunning_blocked'))) return;
  const cause = await findCause(scope);
  if (!cause) await raiseSuspension(asSystem(scope), causeOf(account, 'blocked'));
  else if (cause.mode === 'read_only') await tightenSuspension(scope, cause, unpaidNote(account));
}

/** Puts who has still not paid on notice. */
export async function giveNoticeUnpaid(scope: TenantScope): Promise<void> {
  const account = await findOwing(scope);
  if (!account || (await waitsForPromise(scope, 'dunning_notice'))) return;
  const { offboarding } = await lockStanding(scope);
  if (offboarding) return;
  await scheduleOffboarding(asSystem(scope), { trigger: 'non_payment', note: unpaidNote(account) });
}

/** The account of a living tenant that owes a payment, looked at anew in the transaction of the step. */
async function findOwing(scope: TenantScope): Promise<BillingAccount | null> {
  const { tenant } = await lockStanding(scope);
  if (!isLiving(tenant.status) && tenant.status !== 'suspended') return null;
  const account = await findAccount(scope);
  return account?.dunningSince ? account : null;
}

/** Who has promised a day is left alone until then: the step moves there. */
async function waitsForPromise(scope: TenantScope, kind: (typeof dunningKinds)[number]): Promise<boolean> {
  const { em, tenant, tenantNow } = scope;
  const where = {
    tenantId: tenant.id,
    trigger: 'payment_failure' as const,
    promisedUntil: { $gt: tenantNow },
    promiseKeptAt: null,
    promiseBrokenAt: null,
  };
  const [promise] = await em.find(Suspension, where, { orderBy: { promisedUntil: 'desc' }, limit: 1 });
  if (!promise?.promisedUntil) return false;
  await setDeadline(scope, kind, promise.promisedUntil);
  return true;
}

async function findCause(scope: TenantScope): Promise<Suspension | null> {
  const open = await findOpen(scope);
  return open.find(({ trigger, startedAt }) => trigger === 'payment_failure' && startedAt !== null) ?? null;
}

async function findNotice({ em, tenant }: TenantScope): Promise<Offboarding | null> {
  return em.findOne(Offboarding, { tenantId: tenant.id, phase: 'scheduled', trigger: 'non_payment' });
}

async function liftPaid(scope: TenantScope, note: string): Promise<string[]> {
  const standing = await lockStanding(scope);
  const unpaid = (await findOpen(scope)).filter(({ trigger }) => trigger === 'payment_failure');
  for (const suspension of unpaid) {
    const open = await findOpen(scope);
    const end = { resolution: 'paid', promisedUntil: null, note, notify: true } as const;
    await lift(scope, standing, { suspension, open, ...end });
  }
  await keepPromises(scope);
  return unpaid.map(({ id }) => id);
}

async function keepPromises(scope: TenantScope): Promise<void> {
  const { em, tenant, now } = scope;
  const where = {
    tenantId: tenant.id,
    promisedUntil: { $ne: null },
    promiseKeptAt: null,
    promiseBrokenAt: null,
  };
  const promises = await em.find(Suspension, where);
  for (const promise of promises) {
    promise.promiseKeptAt = now;
    await clearDeadline(scope, 'payment_promise', promise.id);
  }
}

function causeOf(account: BillingAccount, mode: 'read_only' | 'blocked') {
  const { unpaidInvoice } = account;
  return {
    trigger: 'payment_failure' as const,
    mode,
    note: unpaidNote(account),
    // The mail of this step tells of it.
    notify: mode === 'blocked',
    ...(unpaidInvoice ? { invoice: unpaidInvoice } : {}),
  };
}

function unpaidNote({ unpaidInvoice, dunningSince }: BillingAccount): string {
  const what = unpaidInvoice ? `invoice ${unpaidInvoice}` : 'a payment';
  return `${what} has been unpaid since ${dunningSince?.toISOString().slice(0, 10) ?? 'some time'}`;
}
