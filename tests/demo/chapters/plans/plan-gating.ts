import { createBrowser, factOn } from '../../browser.ts';
import { readSession, refusalOf } from '../../json-client.ts';
import { password, type Stage, type StoryTenant } from '../../stage.ts';
import type { OktaDirectory } from '../okta.ts';
import type { SsoSetup } from '../sso-setup.ts';

/** What the enterprise plan brings is refused without it. */
export async function losePlanFeatures(
  { chapter, http, as }: Stage,
  { customerSuccess, id: tenantId, ownerEmail }: StoryTenant,
  { sso, people: { okta } }: { sso: SsoSetup; people: OktaDirectory },
): Promise<void> {
  const step = chapter('A plan without SCIM and single sign-on');

  await step('the tenant moves to the professional plan', async (sees) => {
    const note = 'agreed with the customer';
    const current = await customerSuccess.plans.change.mutate({
      tenantId,
      plan: 'professional',
      when: 'now',
      note,
    });
    sees('plan', current.plan, 'professional');
    sees('features', current.features, { sso: false, scim: false });
  });

  await step('SCIM answers 403, not 401 or 404: the token is good, the plan is not', async (sees) => {
    const { status, body } = await okta.testConnection();
    sees('status', status, 403);
    sees('detail', body['detail'], /plan/);
  });

  await step('single sign-on says on its page what is missing', async (sees) => {
    const page = await createBrowser().open(sso.loginUrl);
    sees('status', page.status, 403);
    sees('reason', factOn(page, 'Reason'), 'plan_required');
  });

  await step('the owner is told which plan it takes', async (sees) => {
    const { accessToken } = readSession(await http.post('/api/auth/login', { email: ownerEmail, password }));
    const refusal = await refusalOf(as(accessToken).connections.scim.createToken.mutate({ label: 'Okta' }));
    sees('status', refusal['httpStatus'], 403);
    sees('reason', refusal.reason, 'PLAN_FEATURE_REQUIRED');
    sees('plan', refusal['requiredPlan'], 'enterprise');
  });

  await step('back on the enterprise plan the directory goes on', async (sees) => {
    await customerSuccess.plans.change.mutate({ tenantId, plan: 'enterprise', when: 'now', note: 'agreed' });
    sees('SCIM', (await okta.testConnection()).status, 200);
  });
}
