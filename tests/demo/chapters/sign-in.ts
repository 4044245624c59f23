import { alertOn, factOn } from '../browser.ts';
import { readSession } from '../json-client.ts';
import { codeOf, signInOverSaml } from '../sign-in.ts';
import type { Stage } from '../stage.ts';
import type { OktaDirectory } from './okta.ts';
import type { Owner } from './owner.ts';
import type { SsoSetup } from './sso-setup.ts';

export type ServiceClient = { clientId: string; secret: string };
export type AdaSession = { host: ServiceClient; accessToken: string; userId: string };

/** A person whom SCIM brought signs in over SAML, and the host application learns all about it. */
export async function signInAda(
  stage: Stage,
  owner: Owner,
  { sso, people: { ada } }: { sso: SsoSetup; people: OktaDirectory },
): Promise<AdaSession> {
  const { appUrl, chapter, engineering, http } = stage;
  const step = chapter('Ada, whom SCIM brought, signs in over SAML 2.0');

  const host = await step('the host application’s servers get a client to introspect with', async (sees) => {
    const created = await engineering.serviceClients.create.mutate({ name: 'host application' });
    sees('scopes', created.scopes, ['introspect']);
    return created;
  });

  const signIn = await step(
    'a signed request goes to the identity provider, a signed response comes',
    async (sees) => {
      const done = await signInOverSaml(sso, ada);
      sees('cookies kept', done.browser.cookieNames().length, 1);
      sees('ACS answers', done.page.status, 303);
      sees('back to', new URL(done.page.location ?? '').origin, appUrl);
      return done;
    },
  );

  const session = await step('the application exchanges the code for tokens, once', async (sees) => {
    const code = codeOf(signIn);
    const answer = await http.post('/api/auth/exchange', { code });
    sees('status', answer.status, 200);
    sees('the user is who SCIM created', readSession(answer).user.id === ada.id, true);
    sees('again', (await http.post('/api/auth/exchange', { code })).status, 401);
    return readSession(answer);
  });

  await step('she is signed in', async (sees) => {
    const me = await http.get('/api/auth/me', session.accessToken);
    sees('status', me.status, 200);
    sees('access', me.body['accessMode'], 'full');
    sees('plan', me.body['plan'], 'enterprise');
  });

  await step('introspection tells the host application what she may', async (sees) => {
    const { status, body } = await http.introspect(session.accessToken, host);
    sees('status', status, 200);
    sees('active', body['active'], true);
    sees('plan', body['plan'], 'enterprise');
    sees('features', body['features'], { sso: true, scim: true });
    sees(
      'a stranger’s secret',
      (await http.introspect(session.accessToken, { ...host, secret: 'x' })).status,
      401,
    );
  });

  await step('the same response, posted again, is refused with an explanation', async (sees) => {
    const { browser, response } = signIn;
    const page = await browser.post(response.acsUrl, response.form);
    sees('status', page.status, 403);
    sees('reason', factOn(page, 'Reason'), 'replayed');
    sees('page says', alertOn(page), /./);
    const attemptId = factOn(page, 'Attempt');
    const { items } = await owner.client.connections.sso.log.query({ connectionId: sso.connectionId });
    sees('the log, under the page’s number', items.find(({ id }) => id === attemptId)?.reason, 'replayed');
  });

  return { host, accessToken: session.accessToken, userId: session.user.id };
}
