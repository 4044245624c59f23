import { getBilling } from '../../../actions/billing/billing-account.ts';
import {
  checkoutInput,
  noteCustomer,
  planCheckout,
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
import { router } from '../base.ts';
import { actLifecycle } from '../previewing.ts';
import { act, onControlPlane, onTenant, read } from '../procedures.ts';
import { aroundTenant, askBilling } from './around-tenant.ts';

export const billing = router({
  get: onTenant.query(read(getBilling)),
  checkout: aroundTenant.input(checkoutInput).mutation(async ({ ctx, input }) => {
    const { customer, order } = await ctx.inTenant((scope) => planCheckout(scope, input));
    const made = await askBilling(ctx, (provider) => provider.ensureCustomer(customer));
    const customerId = await ctx.inTenant((scope) => noteCustomer(scope, made));
    const page = ctx.places.link('open');
    const checkout = { customerId, ...order, successUrl: page, cancelUrl: page };
    const idempotencyKey = `checkout:${customerId}:${keyOf(ctx)}`;
    return {
      url: await askBilling(ctx, (provider) => provider.createCheckout({ ...checkout, idempotencyKey })),
    };
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

type Keyed = { call: { idempotencyKey: string | undefined }; entry: { origin: { requestId: string } } };

/** What makes a call the same again: its own key, else the request. */
function keyOf({ call, entry }: Keyed): string {
  return call.idempotencyKey ?? entry.origin.requestId;
}
