import { isDeepStrictEqual } from 'node:util';
import { refusalOf } from '../json-client.ts';
import { alertOn, factOn } from '../browser.ts';
import { signInOverSaml } from '../sign-in.ts';
import type { Stage, StoryTenant } from '../stage.ts';
import type { OktaDirectory } from './okta.ts';
import type { Owner } from './owner.ts';
import type { SsoSetup } from './sso-setup.ts';

/** Somebody tries too early, an administrator proves that it works, and customer success takes the tenant live. */
export async function goLive(
  { chapter, mailbox }: Stage,
  { id: tenantId, ownerEmail, customerSuccess }: StoryTenant,
  { owner, sso, people }: { owner: Owner; sso: SsoSetup; people: OktaDirectory },
): Promise<void> {
  const step = chapter('The onboarding checklist is finished, and the tenant goes live');

  await step('before go-live Ada, a member, cannot sign in', async (sees) => {
    const { page } = await signInOverSaml(sso, people.ada);
    sees('status', page.status, 403);
    sees('reason', factOn(page, 'Reason'), 'tenant_not_live');
    sees('page says', alertOn(page), /./);
  });

  await step('Ivo, whom the owner makes an administrator, can, and the system ticks it', async (sees) => {
    await owner.client.directory.users.setRole.mutate({ userId: people.ivo.id, role: 'admin' });
    sees('ACS answers', (await signInOverSaml(sso, people.ivo)).page.status, 303);
    const { steps } = await customerSuccess.onboarding.get.query({ tenantId });
    sees('sso_works', steps.find((each) => each.step === 'sso_works')?.state, 'done');
  });

  const open = await step('going live is refused while steps are open, naming them', async (sees) => {
    const refusal = await refusalOf(customerSuccess.onboarding.goLive.mutate({ tenantId }));
    sees('reason', refusal.reason, 'TRANSITION_NOT_ALLOWED');
    const { open } = await customerSuccess.onboarding.get.query({ tenantId });
    sees('named', [refusal['open']].flat().length, 12);
    sees('the same as the checklist shows', isDeepStrictEqual(refusal['open'], open), true);
    return open;
  });

  await step('customer success completes what was done, and waives what is not needed', async (sees) => {
    for (const each of open) {
      if (each === 'rate_limits_adjusted') {
        await customerSuccess.onboarding.waiveStep.mutate({
          tenantId,
          step: each,
          note: 'the plan’s limits do',
        });
      } else {
        const evidence = 'https://wiki.operator.example/kestrel';
        await customerSuccess.onboarding.completeStep.mutate({ tenantId, step: each, evidence });
      }
    }
    const { steps } = await customerSuccess.onboarding.get.query({ tenantId });
    const count = (state: string) => steps.filter((each) => each.state === state).length;
    sees('done', count('done'), 18);
    sees('waived', count('waived'), 1);
  });

  await step('the tenant goes live, and its owner is told', async (sees) => {
    const tenant = await customerSuccess.onboarding.goLive.mutate({ tenantId });
    sees('status', tenant.status, 'active');
    const mail = await mailbox.await(ownerEmail, /is live/);
    sees('mail', mail.subject, 'Kestrel Freight is live');
  });
}
