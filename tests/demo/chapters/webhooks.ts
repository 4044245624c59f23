import type { TenantryClient } from '../../../src/cli/client.ts';
import type { Step } from '../script.ts';
import type { Stage, StoryTenant } from '../stage.ts';
import { openWebhookReceiver, type WebhookReceiver } from '../webhook-receiver.ts';

const secretForm = /^whsec_/;
const invoice = { trigger: 'payment_failure', mode: 'read_only', note: 'invoice 31 is unpaid' } as const;

type Endpoint = { id: string; secret: string };
type Listening = { tenantId: string; own: WebhookReceiver; endpoint: Endpoint; client: TenantryClient };

/** The tenant and the operator are told of what happens, by webhooks. */
export async function hearOfEvents(stage: Stage, { customerSuccess: client }: StoryTenant): Promise<void> {
  const step = stage.chapter('Webhooks tell the tenant and the operator what happens');
  await using own = await openWebhookReceiver();
  await using operators = await openWebhookReceiver();

  const listening = await step('each names an endpoint, and is shown its secret once', async (sees) => {
    const wanted = { name: 'Heron Books', slug: 'heron-books', plan: 'free' } as const;
    const tenant = await client.tenants.create.mutate({ ...wanted, adminEmail: 'hal@heron.example' });
    const tenantId = tenant.id;
    await client.customers.update.mutate({ tenantId, accountOwner: 'cass@operator.example', crmId: 'H-77' });
    const endpoint = await client.webhooks.create.mutate({ tenantId, url: own.url });
    const theirs = await client.webhooks.create.mutate({ url: operators.url });
    sees('the tenant’s', secretForm.test(endpoint.secret), true);
    sees('the operator’s', secretForm.test(theirs.secret), true);
    sees('shown again', 'secret' in ((await client.webhooks.list.query()).items[0] ?? {}), false);
    return { tenantId, own, endpoint, client };
  });

  await step('a suspension is told to both, signed, each with what it may know', async (sees) => {
    await client.suspension.suspend.mutate({ tenantId: listening.tenantId, ...invoice });
    const [hook] = await own.await(listening.tenantId, 1);
    const [theirs] = await operators.await(listening.tenantId, 1);
    sees('type', hook?.type, 'tenant.suspended');
    sees('signed', hook?.isSignedWith(listening.endpoint.secret), true);
    sees('the tenant learns', hook?.data['customer'], {
      contacts: [],
      accountOwner: 'cass@operator.example',
    });
    sees('the operator learns', JSON.stringify(theirs?.data['customer']).includes('"crmId":"H-77"'), true);
  });

  await keepOrder(step, listening);
  await rotate(step, listening);
  await stayOutside(step, client);
}

async function keepOrder(step: Step, { tenantId, own, client }: Listening): Promise<void> {
  await step(
    'what is refused is sent again under the same id, and what follows waits for it',
    async (sees) => {
      own.answerWith(503);
      await client.suspension.reinstate.mutate({ tenantId, note: 'paid' });
      await client.plans.change.mutate({ tenantId, plan: 'starter', note: 'grew' });
      await own.await(tenantId, 2);
      own.answerWith(200);
      const pending = await client.webhooks.deliveries.query({ tenantId, state: 'pending' });
      const waiting = pending.items.map(({ eventType }) => eventType);
      sees('waiting', waiting, ['tenant.plan_changed', 'tenant.reinstated']);
      const hooks = await own.await(tenantId, 4);
      const types = hooks.slice(1).map(({ type }) => type);
      sees('arrived', types, ['tenant.reinstated', 'tenant.reinstated', 'tenant.plan_changed']);
      sees('the same event', hooks[1]?.id === hooks[2]?.id, true);
    },
  );
}

async function rotate(step: Step, { tenantId, own, endpoint, client }: Listening): Promise<void> {
  await step('a rotated secret signs beside the old one for a day', async (sees) => {
    const input = { tenantId, endpointId: endpoint.id };
    const { secret } = await client.webhooks.rotateSecret.mutate(input);
    await client.webhooks.test.mutate(input);
    const hook = (await own.await(tenantId, 5)).at(-1);
    sees('type', hook?.type, 'endpoint.test');
    sees('new secret', hook?.isSignedWith(secret), true);
    sees('old secret', hook?.isSignedWith(endpoint.secret), true);
  });
}

async function stayOutside(step: Step, client: TenantryClient): Promise<void> {
  await step('nothing is ever sent into the network behind the service', async (sees) => {
    const { id: endpointId } = await client.webhooks.create.mutate({ url: 'http://169.254.169.254/latest' });
    await client.webhooks.test.mutate({ endpointId });
    const refusal = /leads to an address that is not allowed/;
    let error: string | null = null;
    for (const end = Date.now() + 10_000; error === null && Date.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      error = (await client.webhooks.deliveries.query({ endpointId })).items[0]?.lastError ?? null;
    }
    sees('the log says', error, refusal);
    await client.webhooks.remove.mutate({ endpointId });
  });
}
