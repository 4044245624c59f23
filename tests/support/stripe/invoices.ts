import type { StripeInvoice, StripeLine, StripeSubscription } from './objects.ts';
import { settle } from './proration.ts';
import { emit, find, type State, stripeId } from './state.ts';

const hour = 3_600;
const day = 24 * hour;
/** Eight tries within fourteen days: the first, and so long after it. */
const retryDays = [1, 2, 4, 6, 8, 11, 14];

type NewInvoice = { lines: StripeLine[]; reason: string; draft?: boolean };

/** Makes an invoice of a subscription. A draft is finalized and collected an hour later. */
export function createInvoice(
  state: State,
  subscription: StripeSubscription,
  { lines, reason, draft = false }: NewInvoice,
): StripeInvoice {
  const customer = find(state.customers, subscription.customer, 'customer');
  const { total, amountDue, balance } = settle(lines, customer.balance);
  customer.balance = balance;
  const invoice: StripeInvoice = {
    id: stripeId('in'),
    object: 'invoice',
    customer: customer.id,
    status: 'draft',
    billing_reason: reason,
    currency: subscription.currency,
    total,
    amount_due: amountDue,
    amount_paid: 0,
    attempt_count: 0,
    next_payment_attempt: draft ? state.now + hour : null,
    automatically_finalizes_at: draft ? state.now + hour : null,
    status_transitions: { paid_at: null },
    lines: { object: 'list', data: lines, has_more: false },
    parent: { type: 'subscription_details', subscription_details: { subscription: subscription.id } },
    created: state.now,
  };
  state.invoices.set(invoice.id, invoice);
  subscription.latest_invoice = invoice.id;
  emit(state, 'invoice.created', invoice);
  return invoice;
}

/** Finalizes a draft. */
export function finalize(state: State, invoice: StripeInvoice): void {
  if (invoice.status !== 'draft') return;
  invoice.status = 'open';
  invoice.automatically_finalizes_at = null;
  emit(state, 'invoice.finalized', invoice);
}

/** Charges the customer's card for an open invoice; whether it was paid. */
export function collect(state: State, invoice: StripeInvoice): boolean {
  const customer = find(state.customers, invoice.customer, 'customer');
  if (invoice.amount_due > 0) {
    invoice.attempt_count += 1;
    if (customer.card !== 'pays') {
      const retry = retryDays[invoice.attempt_count - 1];
      invoice.next_payment_attempt = retry === undefined ? null : firstAttempt(invoice) + retry * day;
      emit(state, 'invoice.payment_failed', invoice);
      return false;
    }
    const charge = {
      id: stripeId('ch'),
      object: 'charge',
      customer: customer.id,
      amount: invoice.amount_due,
      amount_refunded: 0,
      refunded: false,
      invoice: invoice.id,
    } as const;
    state.charges.set(charge.id, { ...charge });
    emit(state, 'charge.succeeded', charge);
  }
  invoice.status = 'paid';
  invoice.amount_paid = invoice.amount_due;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.paid_at = state.now;
  emit(state, 'invoice.paid', invoice);
  emit(state, 'invoice.payment_succeeded', invoice);
  return true;
}

/** Gives an open invoice up. */
export function voidInvoice(state: State, invoice: StripeInvoice): void {
  if (invoice.status !== 'open' && invoice.status !== 'draft') return;
  Object.assign(invoice, { status: 'void', next_payment_attempt: null, automatically_finalizes_at: null });
  emit(state, 'invoice.voided', invoice);
}

function firstAttempt(invoice: StripeInvoice): number {
  return invoice.created + (invoice.billing_reason === 'subscription_cycle' ? hour : 0);
}
