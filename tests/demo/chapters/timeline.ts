import { linkIn } from '../mailbox.ts';
import { password, type Stage, type StoryTenant } from '../stage.ts';

const ownerEmail = 'rita@rehearsal.example';
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

/** A tenant is found, explained and rehearsed; then its clock is really advanced, and it was right. */
export async function tellTimeline(
  { chapter, http, mailbox }: Stage,
  { customerSuccess }: StoryTenant,
): Promise<void> {
  const step = chapter('A tenant’s past, present and future, rehearsed before they happen');
  const { tenants, customers, suspension } = customerSuccess;

  const tenantId = await step(
    'a sandbox tenant on trial is found by the address of its owner',
    async (sees) => {
      const wanted = {
        name: 'Rehearsal Ltd',
        slug: 'rehearsal-ltd',
        plan: 'starter',
        adminEmail: ownerEmail,
      } as const;
      const { id } = await tenants.create.mutate({ ...wanted, sandbox: true });
      const { token } = linkIn(await mailbox.await(ownerEmail, /invited/));
      await http.post('/api/auth/accept-invitation', { token, password });
      const { items } = await tenants.list.query({ search: 'RITA@rehearsal.example' });
      sees(
        'found',
        items.map(({ slug }) => slug),
        ['rehearsal-ltd'],
      );
      return id;
    },
  );

  await step('its customer record has an account owner, and a note', async (sees) => {
    await customers.update.mutate({ tenantId, accountOwner: 'ann@ops.example', crmId: 'CRM-42' });
    await customers.addNote.mutate({ tenantId, note: 'wants a discount' });
    const { items } = await customers.notes.query({ tenantId });
    sees(
      'record',
      items.map(({ action, text }) => action ?? text),
      ['wants a discount', 'tenant.created'],
    );
  });

  const pause = { tenantId, trigger: 'customer_request', mode: 'blocked', note: 'holidays' } as const;
  await step('a preview tells what a suspension would do, and does nothing', async (sees) => {
    const { preview } = await suspension.suspend.mutate({ ...pause, preview: true });
    sees('sessions that end', preview?.sessionsEnded, 1);
    sees(
      'mails',
      preview?.mails.map(({ to }) => to),
      [ownerEmail],
    );
    sees('still', (await tenants.get.query({ tenantId })).status, 'trial');
  });

  await step('it will be suspended in two days, for three; the tenant says so itself', async (sees) => {
    await suspension.suspend.mutate({ ...pause, startsAt: inDays(2), endsAt: inDays(5) });
    const { why } = await tenants.get.query({ tenantId });
    sees('why', why, /to be suspended for customer request on/);
  });

  const plans = await step('a rehearsal lists thirty days to come', async (sees) => {
    const { entries } = await tenants.timeline.query({ tenantId, until: inDays(30) });
    const coming = entries.filter(({ when }) => when === 'future');
    sees(
      'statuses',
      coming.filter(({ kind }) => kind === 'status').map(({ facts }) => facts['to']),
      ['suspended', 'trial', 'active'],
    );
    sees(
      'the last mail',
      coming.findLast(({ kind }) => kind === 'mail')?.title,
      /trial of Rehearsal Ltd has ended$/,
    );
    return coming.filter(({ kind }) => kind === 'plan').map(({ at }) => at);
  });

  await step('thirty days later all of it has happened, the trial’s end at the very moment', async (sees) => {
    await tenants.advanceClock.mutate({ tenantId, by: 'P30D' });
    await mailbox.await(ownerEmail, /trial of Rehearsal Ltd has ended/);
    const { entries } = await tenants.timeline.query({ tenantId });
    const changed = entries.filter(({ kind }) => kind === 'tenant.plan_changed');
    sees(
      'plan changed',
      changed.map(({ title }) => title),
      ['the plan changed from starter to free'],
    );
    sees(
      'at the rehearsed moment',
      changed.map(({ at }) => at),
      plans,
    );
  });
}
