import { getBilling } from '../../../actions/billing/billing-account.ts';
import {
  type CheckoutPlan,
  checkoutInput,
  noteCustomer,
  planCheckout,
  planPreview,
  previewChangeInput,
  readPortalCustomer,
} from '../../../actions/billing/billing-customers.ts';
import {
  listEvents,
  listEventsInput,
  retryEvent,
  retryEventInput,
} from '../../../actions/billing/event-log.ts';
import {
  recordFailure,
  recordFailureInput,
  recordPayment,
  recordPaymentInput,
} from '../../../actions/billing/payments.ts';
import { router, type RouterContext } from '../base.ts';
import { actLifecycle } from '../previewing.ts';
import { act, type Call, onControlPlane, onTenant, read } from '../procedures.ts';
import { aroundTenant, askBilling, type InTenant } from './around-tenant.ts';
import { describeCharge } from './charge.ts';

export const billing = router({
  get: onTenant.query(read(getBilling)),
  checkout: aroundTenant.input(checkoutInput).mutation(async ({ ctx, input }) => {
    const planned = await ctx.inTenant((scope) => planCheckout(scope, input));
    return planned.kind === 'page' ? openPage(ctx, planned) : changeSubscription(ctx, planned);
  }),
  previewChange: aroundTenant.input(previewChangeInput).query(async ({ ctx, input }) => {
    const order = await ctx.inTenant((scope) => planPreview(scope, input));
    return describeCharge(await askBilling(ctx, (provider) => provider.previewChange(order)));
  }),
  portal: aroundTenant.mutation(async ({ ctx }) => {
    const customerId = await ctx.inTenant(readPortalCustomer);
    const idempotencyKey = `portal:${customerId}:${keyOf(ctx)}`;
    const portal = { customerId, returnUrl: ctx.places.link('open'), idempotencyKey };
    return { url: await askBilling(ctx, (provider) => provider.portalUrl(portal)) };
  }),
  recordPayment: onTenant.input(recordPaymentInput).mutation(actLifecycle(recordPayment)),
  recordFailure: onTenant.input(recordFailureInput).mutation(actLifecycle(recordFailure)),
  events: router({
    list: onControlPlane.input(listEventsInput).query(read(listEvents)),
    retry: onControlPlane.input(retryEventInput).mutation(act(retryEvent)),
  }),
});

type Asking = RouterContext & { inTenant: InTenant; call: Call };
type Planned<Kind> = Extract<CheckoutPlan, { kind: Kind }>;

/** Opens a page to pay on: the plan is there when it is paid. */
async function openPage(ctx: Asking, { customer, order }: Planned<'page'>) {
  const made = await askBilling(ctx, (provider) => provider.ensureCustomer(customer));
  const customerId = await ctx.inTenant((scope) => noteCustomer(scope, made));
  const page = ctx.places.link('open');
  const idempotencyKey = `checkout:${customerId}:${keyOf(ctx)}`;
  const checkout = { customerId, ...order, successUrl: page, cancelUrl: page, idempotencyKey };
  const url = await askBilling(ctx, (provider) => provider.createCheckout(checkout));
  return { outcome: 'open' as const, url };
}

/** Changes the subscription, by the card that is known; where that does not pay, the portal is where it can be mended. */
async function changeSubscription(ctx: Asking, { customerId, order }: Planned<'change'>) {
  const returnUrl = ctx.places.link('open');
  const idempotencyKey = `change:${customerId}:${keyOf(ctx)}`;
  return askBilling(ctx, async (provider) => {
    const changed = await provider.changePlan({ ...order, when: 'now', idempotencyKey });
    if (!changed.pendingUpdate) return { outcome: 'paid' as const, url: returnUrl };
    const portal = { customerId, returnUrl, idempotencyKey: `${idempotencyKey}:portal` };
    return { outcome: 'unpaid' as const, url: await provider.portalUrl(portal) };
  });
}

/** What makes a call the same again: its own key, else the request. */
function keyOf({ call, entry }: Asking): string {
  return call.idempotencyKey ?? entry.origin.requestId;
}
