import type { LoginForm } from '../support/identity-provider.ts';
import { alertOn, type Browser, createBrowser, factOn, type Page } from './browser.ts';
import type { Provisioned } from './chapters/okta.ts';
import type { SsoSetup } from './chapters/sso-setup.ts';

/** A sign-in over SAML as it went: what the identity provider posted, and where that led. */
export type SignIn = { browser: Browser; response: LoginForm; page: Page };

/**
 * Signs a person in over SAML, in a browser of its own: to the identity provider, which verifies the signed request,
 * and back with its signed response. Throws when the service does not even begin.
 */
export async function signInOverSaml(
  { idp, loginUrl, spMetadataXml }: SsoSetup,
  person: Provisioned,
): Promise<SignIn> {
  const browser = createBrowser();
  const begun = await browser.open(loginUrl);
  if (begun.status !== 302 || begun.location === null) throw new Error(`no redirect, but: ${alertOn(begun)}`);
  const { givenName, familyName, email, userName: nameId } = person;
  const response = idp.respond(begun.location, { nameId, givenName, familyName, email }, { spMetadataXml });
  const page = await browser.post(response.acsUrl, response.form);
  return { browser, response, page };
}

/** The one-time code that a good sign-in leads to. */
export function codeOf({ page }: SignIn): string {
  const code = URL.parse(page.location ?? '')?.searchParams.get('code');
  if (!code) throw new Error(`no code, but ${page.status}: ${alertOn(page)} (${factOn(page, 'Reason')})`);
  return code;
}
