import { z } from 'zod';
import type { NewCheckout, PlanOrder } from '../../domain/billing/gateway.ts';
import { authorize } from '../../domain/permissions.ts';
import { currentVersion, isUpgrade, type Plan, plans, termsOf } from '../../domain/plans/catalogue.ts';
import { currencies, intervals } from '../../domain/plans/prices.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { BillingAccount } from '../../db/entities/billing.ts';
import { User } from '../../db/entities/user.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';
import { findAccount } from './billing-account.ts';

export const checkoutInput = z.object({
  plan: z.enum(plans),
  interval: z.enum(intervals).optional(),
  currency: z.enum(currencies).default('eur'),
});
type CheckoutInput = z.infer<typeof checkoutInput>;

export const previewChangeInput = checkoutInput.pick({ plan: true, interval: true });

/** A first purchase on a page of the provider, or a change of the subscription that there is. */
export type CheckoutPlan =
  | {
      kind: 'page';
      customer: { tenantId: string; name: string; email: string; idempotencyKey: string };
      order: Pick<NewCheckout, 'plan' | 'version' | 'interval' | 'currency'> & { trialEnd?: Date };
    }
  | { kind: 'change'; customerId: string; order: PlanOrder };

/** A checkout may leave a trial to its end only where that is so far away. */
const leastTrialMilliseconds = 49 * 60 * 60_000;

/** Says how an owner gets a plan that is sold: by a page, or where a subscription lives by a change of it. */
export async function planCheckout(scope: TenantScope, input: CheckoutInput): Promise<CheckoutPlan> {
  const { actor, tenant } = scope;
  authorize(actor, tenant, 'billing.pay');
  requireBilling(scope);
  requireSold(input);
  if (tenant.plan === 'enterprise') {
    throw new Refusal('CONFLICT', 'this tenant has a contract: ask us to change it');
  }
  const account = await findAccount(scope);
  if (!account?.customerId || !isLive(account)) return planPage(scope, account, input);
  const order = orderOf(account, input);
  const isSmaller = isUpgrade(input.plan, account.plan ?? 'free');
  if (isSmaller)
    throw new Refusal('CONFLICT', 'a smaller plan begins with the next period: use plans.change');
  if (input.plan === account.plan && order.interval === account.interval) {
    throw new Refusal('CONFLICT', 'this is what the subscription is for already');
  }
  return { kind: 'change', customerId: account.customerId, order };
}

/** Says which change of the subscription a caller wants to know the price of. */
export async function planPreview(
  scope: TenantScope,
  input: z.infer<typeof previewChangeInput>,
): Promise<PlanOrder> {
  authorize(scope.actor, scope.tenant, 'billing.read');
  requireBilling(scope);
  requireSold(input);
  const account = await findAccount(scope);
  if (!account || !isLive(account)) throw new Refusal('CONFLICT', 'there is no subscription to change');
  return orderOf(account, input);
}

/** The change of a subscription that a change of plan, made now, would have billed; `null` where it would none. */
export async function findChargedOrder(
  scope: TenantScope,
  { plan, when }: { plan: Plan; when?: 'now' | 'period_end' | undefined },
): Promise<PlanOrder | null> {
  const { actor, tenant, ports } = scope;
  authorize(actor, tenant, 'plan.change');
  const isNow = when === 'now' || (when === undefined && isUpgrade(tenant.plan, plan));
  const isSold = termsOf(plan).prices.length > 0 && tenant.plan !== 'enterprise';
  if (!ports.billing || !isNow || !isSold || plan === tenant.plan) return null;
  const account = await findAccount(scope);
  return account && isLive(account) ? orderOf(account, { plan }) : null;
}

async function planPage(
  scope: TenantScope,
  account: BillingAccount | null,
  { plan, interval = 'month', currency }: CheckoutInput,
): Promise<CheckoutPlan> {
  const { actor, tenant, now, em } = scope;
  const user = actor.kind === 'user' ? await em.findOne(User, { tenantId: tenant.id, id: actor.id }) : null;
  if (!user?.email) throw new Refusal('INVALID_INPUT', 'you need an e-mail address to pay');
  // Another name or address is another customer to make; one that was deleted is made anew.
  const key = [tenant.id, account?.updatedAt.toISOString() ?? 'new', tenant.name, user.email].join(' ');
  const trialEnd = tenant.status === 'trial' ? tenant.trialEndsAt : null;
  const isFarAhead = trialEnd && trialEnd.getTime() - now.getTime() > leastTrialMilliseconds;
  return {
    kind: 'page',
    customer: {
      tenantId: tenant.id,
      name: tenant.name,
      email: user.email,
      idempotencyKey: `customer:${scope.ports.tokens.hash(key)}`,
    },
    order: { plan, version: currentVersion, interval, currency, ...(isFarAhead ? { trialEnd } : {}) },
  };
}

function isLive({ subscriptionId, plan }: BillingAccount): boolean {
  return subscriptionId !== null && plan !== null;
}

function orderOf(
  { subscriptionId, interval }: BillingAccount,
  wanted: Pick<CheckoutInput, 'plan' | 'interval'>,
) {
  return {
    subscriptionId: subscriptionId ?? '',
    plan: wanted.plan,
    version: currentVersion,
    interval: wanted.interval ?? interval ?? 'month',
  };
}

function requireSold({ plan }: Pick<CheckoutInput, 'plan'>): void {
  if (termsOf(plan).prices.length > 0) return;
  throw new Refusal('INVALID_INPUT', `plan: ${plan} is not sold by itself; ask us for it`);
}

/** Notes which customer a tenant is; where another call was faster, the customer of that one. */
export async function noteCustomer(scope: TenantScope, customerId: string): Promise<string> {
  const { em, tenant, now } = scope;
  authorize(scope.actor, tenant, 'billing.pay');
  const [noted] = await em.execute<{ customer_id: string; is_new: boolean }[]>(
    `insert into billing_accounts (tenant_id, provider, customer_id, created_at, updated_at) values (?, 'stripe', ?, ?, ?)
     on conflict (tenant_id) do update set provider = 'stripe',
       customer_id = coalesce(billing_accounts.customer_id, excluded.customer_id), updated_at = excluded.updated_at
     returning customer_id`,
    [tenant.id, customerId, now, now],
  );
  await record(scope, 'billing_account.opened', { details: { provider: 'stripe' } });
  return noted?.customer_id ?? customerId;
}

/** The customer that a tenant is at the provider, for its portal. */
export async function readPortalCustomer(scope: TenantScope): Promise<string> {
  authorize(scope.actor, scope.tenant, 'billing.portal');
  requireBilling(scope);
  const account = await findAccount(scope);
  if (!account?.customerId) throw new Refusal('CONFLICT', 'nothing was bought yet: there is no portal');
  return account.customerId;
}

/** Which customer of the provider a tenant is. */
export type Customer = { tenantId: string; customerId: string };

/** Customers of the provider, some at a time. */
export async function listCustomers(
  { em }: ControlScope,
  after: string | null,
  limit: number,
): Promise<Customer[]> {
  const where = { customerId: { $ne: null }, ...(after === null ? {} : { tenantId: { $gt: after } }) };
  const accounts = await em.find(BillingAccount, where, { orderBy: { tenantId: 'asc' }, limit });
  return accounts.flatMap(({ tenantId, customerId }) => (customerId ? [{ tenantId, customerId }] : []));
}

/** Refuses with `CONFLICT` where nobody collects payments. */
function requireBilling({ ports }: TenantScope): void {
  if (!ports.billing) throw new Refusal('CONFLICT', 'billing is off here: ask us to change your plan');
}
