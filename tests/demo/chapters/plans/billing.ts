import { readSession } from '../../json-client.ts';
import { linkIn } from '../../mailbox.ts';
import { password, type Stage, type StoryTenant } from '../../stage.ts';

const ownerEmail = 'petra@plover.example';

/** An owner buys a plan, the card stops paying, the debt is paid, and the subscription ends; at a local Stripe. */
export async function payByCard(stage: Stage, { customerSuccess }: StoryTenant): Promise<void> {
  const { chapter, http, mailbox, as, stripe } = stage;
  const step = chapter('A subscription is bought, fails, is paid and ends, with a local Stripe');

  const { tenantId, owner } = await step('a tenant on the free plan, and its owner', async (sees) => {
    const wanted = { name: 'Plover', slug: 'plover', plan: 'free', adminEmail: ownerEmail } as const;
    const { id } = await customerSuccess.tenants.create.mutate(wanted);
    const { token } = linkIn(await mailbox.await(ownerEmail, /invited/));
    const answer = await http.post('/api/auth/accept-invitation', { token, password });
    sees('status', answer.status, 201);
    return { tenantId: id, owner: as(readSession(answer).accessToken) };
  });
  const standing = async () => {
    const { plan, subscription, dunning } = await owner.billing.get.query();
    return { plan, status: subscription?.status ?? null, owes: dunning !== null };
  };

  const { subscription, customer } = await step('paying on Stripe’s page brings the plan', async (sees) => {
    const { url } = await owner.billing.checkout.mutate({ plan: 'starter' });
    sees('before', await standing(), { plan: 'free', status: null, owes: false });
    const session = stripe.pay(url);
    await stripe.flush();
    const paid = { plan: 'starter', status: 'active', owes: false } as const;
    sees('after', await stage.until(standing, paid), paid);
    return { subscription: session.subscription ?? '', customer: session.customer };
  });

  await step('a month later the card is declined: the plan stays, the admins are told', async (sees) => {
    stripe.setCard(customer, 'declines');
    stripe.advanceDays(32);
    await stripe.flush();
    const owing = { plan: 'starter', status: 'past_due', owes: true } as const;
    sees('after', await stage.until(standing, owing), owing);
    const mail = await mailbox.await(ownerEmail, /paid|payment/i);
    sees('mail', mail.subject !== undefined, true);
  });

  await step(
    'the invoice is paid, its events come twice and backwards, and nothing is owed',
    async (sees) => {
      stripe.setCard(customer, 'pays');
      stripe.payLatest(subscription);
      const events = stripe.take().toReversed();
      for (const event of [...events, ...events]) sees(event.type, (await stripe.post(event)).status, 200);
      const paid = { plan: 'starter', status: 'active', owes: false } as const;
      sees('after', await stage.until(standing, paid), paid);
    },
  );

  await step('who forges an event changes nothing', async (sees) => {
    stripe.setStatus(subscription, 'active');
    const [event] = stripe.take();
    if (!event) throw new Error('there is no event');
    sees('status', (await stripe.post(event, { secret: 'whsec_forged' })).status, 400);
    sees('too old', (await stripe.post(event, { ageSeconds: 600 })).status, 400);
  });

  await step('the subscription ends, and the tenant goes on with the free plan', async (sees) => {
    stripe.call('DELETE /v1/subscriptions/:id', subscription);
    await stripe.flush();
    const free = { plan: 'free', status: 'canceled', owes: false } as const;
    sees('after', await stage.until(standing, free), free);
    const { plan } = await customerSuccess.plans.current.query({ tenantId });
    sees('operators see', plan, 'free');
  });
}
