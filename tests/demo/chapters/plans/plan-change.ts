import { readSession } from '../../json-client.ts';
import { linkIn } from '../../mailbox.ts';
import { password, type Stage, type StoryTenant } from '../../stage.ts';

const ownerEmail = 'gro@growing.example';

/** An owner asks for a larger plan and gets it, and goes back to a smaller one when the period ends. */
export async function changePlans(
  { chapter, http, mailbox, as }: Stage,
  { customerSuccess }: StoryTenant,
): Promise<void> {
  const step = chapter('A plan changes without an engineer');

  const tenantId = await step('a tenant on the free plan', async (sees) => {
    const wanted = {
      name: 'Growing Ltd',
      slug: 'growing-ltd',
      plan: 'free',
      adminEmail: ownerEmail,
    } as const;
    const tenant = await customerSuccess.tenants.create.mutate({ ...wanted, sandbox: true });
    sees('plan', tenant.plan, 'free');
    return tenant.id;
  });

  const owner = await step('its owner accepts the invitation', async (sees) => {
    const { token } = linkIn(await mailbox.await(ownerEmail, /invited/));
    const answer = await http.post('/api/auth/accept-invitation', { token, password });
    sees('status', answer.status, 201);
    return as(readSession(answer).accessToken);
  });

  const requestId = await step('who asks for the enterprise plan', async (sees) => {
    const asked = await owner.plans.change.mutate({ plan: 'enterprise', note: 'we are twenty now' });
    sees('outcome', asked.outcome, 'requested');
    sees('plan', asked.plan, 'free');
    return asked.requestId ?? '';
  });

  await step('customer success sees what it would do, and grants it', async (sees) => {
    const decision = { tenantId, requestId, approve: true, note: 'agreed by phone' };
    const { preview } = await customerSuccess.plans.requests.decide.mutate({ ...decision, preview: true });
    sees('would be', preview?.state.after.plan, 'enterprise');
    const decided = await customerSuccess.plans.requests.decide.mutate(decision);
    sees('state', decided.state, 'approved');
    sees('mail', Boolean(await mailbox.await(ownerEmail, /was granted/)), true);
    const { plan, limits } = await owner.plans.current.query();
    sees('plan', plan, 'enterprise');
    sees('users', limits.users, null);
  });

  await step('customer success agrees the starter plan, for the end of the period', async (sees) => {
    const note = 'they need no single sign-on';
    const changed = await customerSuccess.plans.change.mutate({ tenantId, plan: 'starter', note });
    sees('outcome', changed.outcome, 'scheduled');
    sees('until then', changed.plan, 'enterprise');
  });

  await step('a month later', async (sees) => {
    await customerSuccess.tenants.advanceClock.mutate({ tenantId, by: 'P32D' });
    sees('mail', Boolean(await mailbox.await(ownerEmail, /starter plan now/)), true);
    sees('plan', (await owner.plans.current.query()).plan, 'starter');
  });
}
