import { z } from 'zod';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { setDeadline } from '../../db/deadlines.ts';
import type { TenantScope } from '../../db/scope.ts';
import { announce } from '../lifecycle/announcement.ts';
import { lockStanding } from '../lifecycle/transition.ts';
import { describeBilling, findAccount, lockAccount } from './billing-account.ts';
import { endDunning, startDunning } from './dunning.ts';

export const recordPaymentInput = z.object({
  paidUntil: z.iso.datetime({ offset: true }),
  note: line(2000),
});

export const recordFailureInput = z.object({ invoice: line(200).optional(), note: line(2000) });

/**
 * Notes that a tenant has paid, and until when. Whatever its unpaid invoice had brought about is taken back at once, and
 * nothing else. When that day comes without another payment, the dunning begins.
 */
export async function recordPayment(scope: TenantScope, input: z.infer<typeof recordPaymentInput>) {
  const paidUntil = new Date(input.paidUntil);
  if (paidUntil <= scope.tenantNow) throw new Refusal('INVALID_INPUT', 'paidUntil: is not in the future');
  const { tenant } = await lockStanding(scope);
  authorize(scope.actor, tenant, 'billing.record');
  const account = await lockAccount(scope);
  Object.assign(account, { paidUntil, updatedAt: scope.now });
  await announce(scope, 'payment_recorded', {
    details: { paidUntil: paidUntil.toISOString(), note: input.note },
    note: input.note,
  });
  await scope.em.flush();
  if (account.provider === 'manual') await setDeadline(scope, 'payment_due', paidUntil);
  const lifted = await endDunning(scope, account, input.note);
  return { ...describeBilling(scope, account), lifted };
}

/** Notes that a payment is missing: the dunning begins, as it does when a provider says so. */
export async function recordFailure(scope: TenantScope, input: z.infer<typeof recordFailureInput>) {
  const { tenant } = await lockStanding(scope);
  authorize(scope.actor, tenant, 'billing.record');
  const account = await lockAccount(scope);
  if (account.dunningSince) throw new Refusal('CONFLICT', 'a payment of this tenant is missing already');
  await startDunning(scope, account, input.invoice ?? null);
  return describeBilling(scope, account);
}

/** The day until which a tenant has paid has come. */
export async function askForPayment(scope: TenantScope): Promise<void> {
  await lockStanding(scope);
  const account = await findAccount(scope);
  if (!account?.paidUntil || account.paidUntil > scope.tenantNow) return;
  await startDunning(scope, account, null);
}
