import { refusalOf } from '../../json-client.ts';
import { linkIn } from '../../mailbox.ts';
import { password, type Stage, type StoryTenant } from '../../stage.ts';

const ownerEmail = 'tess@trial.example';

/** A sandbox tenant's trial, from its beginning to its end, on a clock that is moved. */
export async function playTrial(
  { chapter, http, mailbox }: Stage,
  { customerSuccess, id }: StoryTenant,
): Promise<void> {
  const step = chapter('Fourteen days of a trial pass on a sandbox tenant’s clock');
  const advance = (tenantId: string, by: string) =>
    customerSuccess.tenants.advanceClock.mutate({ tenantId, by });

  const tenantId = await step('a sandbox tenant on the professional plan', async (sees) => {
    const wanted = {
      name: 'Trial Ltd',
      slug: 'trial-ltd',
      plan: 'professional',
      adminEmail: ownerEmail,
    } as const;
    const tenant = await customerSuccess.tenants.create.mutate({ ...wanted, sandbox: true });
    sees('status', tenant.status, 'trial');
    sees('a real tenant’s clock', (await refusalOf(advance(id, 'P1D'))).reason, 'PERMISSION_DENIED');
    return tenant.id;
  });

  await step('its owner accepts the invitation', async (sees) => {
    const { token } = linkIn(await mailbox.await(ownerEmail, /invited/));
    const answer = await http.post('/api/auth/accept-invitation', { token, password });
    sees('status', answer.status, 201);
  });

  await step('seven days later', async (sees) => {
    const { now } = await advance(tenantId, 'P7D');
    sees('days ahead', Math.round((Date.parse(now) - Date.now()) / 86_400_000), 7);
    sees(
      'mail',
      (await mailbox.await(ownerEmail, /7 days/)).subject,
      'The trial of Trial Ltd ends in 7 days',
    );
  });

  await step('six more', async (sees) => {
    await advance(tenantId, 'P6D');
    sees('mail', (await mailbox.await(ownerEmail, /1 day$/)).subject, 'The trial of Trial Ltd ends in 1 day');
  });

  await step('the trial ends, and the tenant goes on with the free plan', async (sees) => {
    await advance(tenantId, 'P1D');
    sees('mail', (await mailbox.await(ownerEmail, /has ended/)).subject, 'The trial of Trial Ltd has ended');
    const tenant = await customerSuccess.tenants.get.query({ tenantId });
    sees('status', tenant.status, 'active');
    sees('plan', tenant.plan, 'free');
  });

  await step('another trial is an operator’s to give, and to extend', async (sees) => {
    const wanted = { tenantId, plan: 'enterprise', days: 7, note: 'they want to see SSO' } as const;
    sees(
      'a second one',
      (await refusalOf(customerSuccess.plans.startTrial.mutate(wanted))).reason,
      'CONFLICT',
    );
    const given = await customerSuccess.plans.startTrial.mutate({ ...wanted, again: true });
    sees('plan', given.plan, 'enterprise');
    const extended = await customerSuccess.plans.extendTrial.mutate({ tenantId, days: 3, note: 'a holiday' });
    const added = Date.parse(extended.trialEndsAt ?? '') - Date.parse(given.trialEndsAt ?? '');
    sees('days longer', added / 86_400_000, 3);
    await mailbox.await(ownerEmail, /goes on longer/);
  });

  await step('and how available the service was stands beside what the plan promises', async (sees) => {
    const { sla } = await customerSuccess.plans.current.query({ tenantId });
    sees('promised', sla.promisedPercent, 99.9);
  });
}
