import { LockMode } from '@mikro-orm/core';
import { planDunning } from '../../domain/billing/dunning.ts';
import { authorize } from '../../domain/permissions.ts';
import { BillingAccount } from '../../db/entities/billing.ts';
import type { TenantScope } from '../../db/scope.ts';

/** How this tenant pays, or `null` where nothing was agreed. */
export function findAccount({ em, tenant }: TenantScope): Promise<BillingAccount | null> {
  return em.findOne(BillingAccount, { tenantId: tenant.id }, { refresh: true });
}

/** The account of this tenant, locked; one that is billed by hand is made where there is none. */
export async function lockAccount(scope: TenantScope): Promise<BillingAccount> {
  const { em, tenant, now } = scope;
  await em.execute(
    `insert into billing_accounts (tenant_id, provider, created_at, updated_at) values (?, 'manual', ?, ?)
     on conflict (tenant_id) do nothing`,
    [tenant.id, now, now],
  );
  const locked = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const;
  return em.findOneOrFail(BillingAccount, { tenantId: tenant.id }, locked);
}

/** What a tenant pays, until when, and what comes where it has not. A blocked tenant's owner may see it too. */
export async function getBilling(scope: TenantScope) {
  authorize(scope.actor, scope.tenant, 'billing.read');
  return describeBilling(scope, await findAccount(scope));
}

/** An account as callers see it. */
export function describeBilling({ tenant, ports, tenantNow }: TenantScope, account: BillingAccount | null) {
  const since = account?.dunningSince ?? null;
  return {
    tenantId: tenant.id,
    plan: tenant.plan,
    provider: account?.provider ?? null,
    subscription: account?.subscriptionId
      ? {
          status: account.subscriptionStatus,
          plan: account.plan,
          interval: account.interval,
          currency: account.currency,
          periodStart: iso(account.periodStart),
          periodEnd: iso(account.periodEnd),
          cancelAt: iso(account.cancelAt),
        }
      : null,
    paidUntil: iso(account?.paidUntil),
    /** What follows from an unpaid invoice, and when. */
    dunning: since && {
      since: since.toISOString(),
      invoice: account?.unpaidInvoice ?? null,
      next: planDunning(since, ports.dunning)
        .filter(({ dueAt }) => dueAt > tenantNow)
        .map(({ kind, dueAt }) => ({ kind, at: dueAt.toISOString() })),
    },
  };
}

function iso(moment: Date | null | undefined): string | null {
  return moment?.toISOString() ?? null;
}
