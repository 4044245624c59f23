import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { aDataDir } from '../infra/data-dirs.ts';
import { aDatabase, on, run } from '../process/database.ts';
import { serve } from '../process/process.ts';
import { startLocalStripe } from '../support/stripe/local-stripe.ts';
import { eventually } from '../support/world.ts';

test('an event that a process had stored and not applied when it was killed is applied by the next', async () => {
  const stripe = await startLocalStripe();
  onTestFinished(() => stripe.close());
  const database = await aDatabase();
  const settings = {
    ...on(database),
    ...stripe.env,
    DATA_DIR: await aDataDir(),
    SECRET_KEY: randomBytes(32).toString('base64'),
    BOOTSTRAP_OPERATOR_TOKEN: 'operator-of-the-test',
  };
  const killed = await serve(settings);
  stripe.listen(`${killed.url}/webhooks/stripe`);
  const tenant = { name: 'Acme', slug: 'acme', plan: 'free', adminEmail: 'ada@acme.example' } as const;
  const { id: tenantId } = await killed.client.tenants.create.mutate(tenant);
  const customerId = await aCustomerWhoPaid();
  await run(
    database.loginUrl,
    `set role tenantry_control; insert into billing_accounts (tenant_id, provider, customer_id, created_at, updated_at)
     values ('${tenantId}', 'stripe', '${customerId}', now(), now())`,
  );
  const asked = Promise.withResolvers<void>();
  stripe.before(({ path }) => {
    if (path !== `/v1/customers/${customerId}`) return undefined;
    asked.resolve();
    return new Promise(() => undefined);
  });

  await stripe.flush();
  await asked.promise;
  await killed.end('SIGKILL');
  stripe.before(() => undefined);
  await run(
    database.loginUrl,
    `set role tenantry_control; update billing_events set next_attempt_at = now() where state = 'received'`,
  );
  const next = await serve(settings);
  const plan = await eventually(async () => {
    const current = await next.client.plans.current.query({ tenantId });
    return current.plan !== 'free' && current.plan;
  }, 'the plan to be applied');
  await next.end('SIGTERM');

  expect(plan).toBe('starter');

  async function aCustomerWhoPaid(): Promise<string> {
    const { createStripeBilling } = await import('../../src/infra/billing/stripe-billing.ts');
    const { secretKey, webhookSecret, url: apiBase } = stripe;
    const billing = createStripeBilling({ secretKey, webhookSecrets: [webhookSecret], apiBase });
    const id = await billing.ensureCustomer({
      tenantId,
      name: 'Acme',
      email: 'ada@acme.example',
      idempotencyKey: 'customer',
    });
    const page = await billing.createCheckout({
      customerId: id,
      plan: 'starter',
      version: 2,
      interval: 'month',
      currency: 'eur',
      successUrl: 'https://app.example',
      cancelUrl: 'https://app.example',
      idempotencyKey: 'checkout',
    });
    stripe.pay(page);
    return id;
  }
}, 60_000);
