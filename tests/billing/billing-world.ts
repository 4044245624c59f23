import { randomUUID } from 'node:crypto';
import { applySubscription } from '../../src/actions/billing/apply-subscription.ts';
import { startTrial } from '../../src/actions/lifecycle/trial.ts';
import { AuditEvent } from '../../src/db/entities/audit.ts';
import { BillingAccount, BillingCursor } from '../../src/db/entities/billing.ts';
import { Task } from '../../src/db/entities/operations.ts';
import { Suspension } from '../../src/db/entities/work.ts';
import { currentVersion, type Plan } from '../../src/domain/plans/catalogue.ts';
import { createStripeBilling } from '../../src/infra/billing/stripe-billing.ts';
import { createLog } from '../../src/infra/log.ts';
import { createMetrics } from '../../src/infra/metrics.ts';
import { type BillingParts, processEvents } from '../../src/worker/billing-events.ts';
import { reconcileBilling } from '../../src/worker/billing-reconciler.ts';
import { startLocalStripe } from '../support/stripe/local-stripe.ts';
import { aTenant, type World } from '../support/world.ts';

export const stripeEnv = { STRIPE_SECRET_KEY: 'sk_test_local', STRIPE_WEBHOOK_SECRET: 'whsec_local' };

/** A Stripe of its own for one tenant, which sends to the world's service, and a worker that asks it. */
export async function aBilled(world: World, options: { trial?: boolean } = {}) {
  const stripe = await startLocalStripe();
  stripe.listen(`${world.url}/webhooks/stripe`);
  const { secretKey, webhookSecret, url: apiBase } = stripe;
  const clock = () => new Date(stripe.state.now * 1000);
  const billing = createStripeBilling({ secretKey, webhookSecrets: [webhookSecret], apiBase }, clock);
  const parts = {
    db: { ...world.db, ports: { ...world.ports, billing } },
    log: createLog({ level: 'silent', format: 'json' }),
    metrics: createMetrics(),
  } satisfies BillingParts;
  const { id: tenantId, slug, ownerEmail: email } = await aTenant(world, { plan: 'free' });
  const idempotencyKey = randomUUID();
  const customerId = await billing.ensureCustomer({ tenantId, name: slug, email, idempotencyKey });
  await world.inTenant(tenantId, async (scope) => {
    const { em, tenant, now } = scope;
    em.create(BillingAccount, { tenantId, provider: 'stripe', customerId, createdAt: now, updatedAt: now });
    if (!options.trial) return;
    Object.assign(tenant, { status: 'trial', plan: 'starter' });
    await startTrial(scope);
  });
  // Every Stripe has its own time.
  await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.nativeDelete(BillingCursor, {}),
  );
  return {
    stripe,
    billing,
    parts,
    tenantId,
    customerId,
    ...doing({ world, stripe, billing, parts, tenantId, customerId }),
  };
}
export type Billed = Awaited<ReturnType<typeof aBilled>>;

type Parts = {
  world: World;
  stripe: Awaited<ReturnType<typeof startLocalStripe>>;
  billing: ReturnType<typeof createStripeBilling>;
  parts: BillingParts;
  tenantId: string;
  customerId: string;
};

function doing({ world, stripe, billing, parts, tenantId, customerId }: Parts) {
  return {
    /** Buys a plan, and pays. */
    async buy(plan: Plan, trialEnd?: Date): Promise<string> {
      const url = await billing.createCheckout({
        customerId,
        plan,
        version: currentVersion,
        interval: 'month',
        currency: 'eur',
        successUrl: 'https://app.example/paid',
        cancelUrl: 'https://app.example/plans',
        idempotencyKey: randomUUID(),
        ...(trialEnd ? { trialEnd } : {}),
      });
      return stripe.pay(url).subscription ?? '';
    },
    order: (subscriptionId: string, plan: Plan) =>
      ({
        subscriptionId,
        plan,
        version: currentVersion,
        interval: 'month',
        idempotencyKey: randomUUID(),
      }) as const,
    process: () => processEvents(parts),
    reconcile: async () => {
      await reconcileBilling(parts, { id: 'test' });
      await processEvents(parts);
    },
    apply: async (readAt: Date, repair = false) => {
      const reading = { ...(await billing.readCustomer(customerId)), customerId, readAt };
      return world.inTenant(tenantId, (scope) => applySubscription(scope, reading, { repair }));
    },
    /** How the tenant stands, as far as its payment decides. */
    standing: () =>
      world.inTenant(tenantId, async ({ em, tenant }) => {
        const account = await em.findOneOrFail(BillingAccount, { tenantId });
        const suspensions = await em.find(Suspension, { tenantId, liftedAt: null });
        const count = (action: 'payment.refunded' | 'payment.disputed') =>
          em.count(AuditEvent, { tenantId, action });
        return {
          status: tenant.status,
          plan: tenant.plan,
          subscription: account.subscriptionStatus,
          attached: account.customerId !== null,
          owes: account.dunningSince !== null,
          suspendedFor: suspensions.map(({ trigger }) => trigger),
          reviews: await em.count(Task, { tenantId, kind: 'billing_review', doneAt: null }),
          refunds: await count('payment.refunded'),
          disputes: await count('payment.disputed'),
        };
      }),
    close: () => stripe.close(),
  };
}
