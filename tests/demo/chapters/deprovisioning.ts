import { factOn } from '../browser.ts';
import { signInOverSaml } from '../sign-in.ts';
import type { Stage } from '../stage.ts';
import type { OktaDirectory } from './okta.ts';
import type { AdaSession } from './sign-in.ts';
import type { SsoSetup } from './sso-setup.ts';

/** The identity provider takes Ada's access away, and it is gone at once. */
export async function deprovisionAda(
  { chapter, http }: Stage,
  { host, accessToken }: AdaSession,
  { sso, people: { okta, ada } }: { sso: SsoSetup; people: OktaDirectory },
): Promise<void> {
  const step = chapter('Ada leaves the company, and Okta deactivates her');

  await step('Okta deactivates her', async (sees) => {
    const { status, body } = await okta.deactivateUser(ada.id);
    sees('status', status, 200);
    sees('active', body.active, false);
  });

  await step('her very next request is refused, and introspection says so', async (sees) => {
    const me = await http.get('/api/auth/me', accessToken);
    sees('status', me.status, 401);
    const { body } = await http.introspect(accessToken, host);
    sees('introspection', body, { active: false });
  });

  await step(
    'the identity provider still lets her in; the service does not, and makes nobody new',
    async (sees) => {
      const { page } = await signInOverSaml(sso, ada);
      sees('status', page.status, 403);
      sees('reason', factOn(page, 'Reason'), 'user_deactivated');
      const { body } = await okta.findUser(ada.userName);
      sees('users of her name', body.totalResults, 1);
      sees('active', body.Resources?.[0]?.active, false);
    },
  );

  await step('Okta takes her back: she can sign in again, her old session stays ended', async (sees) => {
    await okta.reactivateUser(ada.id);
    sees('sign-in', (await signInOverSaml(sso, ada)).page.status, 303);
    sees('old session', (await http.get('/api/auth/me', accessToken)).status, 401);
  });
}
