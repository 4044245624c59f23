import { openConnection } from '../src/actions/connections/sso-connections.ts';
import { beginLogin } from '../src/actions/connections/sso-logins.ts';
import { type Html, html } from '../src/domain/texts/html.ts';
import { findConnectionPlace } from './connection-place.ts';
import type { SsoContext, SsoParts } from './env.ts';
import { SamlFailure } from './failures.ts';
import { recognizeProduct } from './idp-product.ts';
import { bindBrowser } from './login-cookie.ts';
import { answerPage } from './page-answer.ts';
import { type Attempt, refuseAttempt } from './refused-attempt.ts';
import { readReturnTarget, relayStateOf } from './return-target.ts';
import { createLoginMessage, type LoginMessage } from './service-provider.ts';
import { startTrace } from './trace.ts';

/** Begins a sign-in: sends the browser to the identity provider with a signed AuthnRequest, bound to this browser. */
export async function startLogin(c: SsoContext, parts: SsoParts): Promise<Response> {
  const place = await findConnectionPlace(c, parts);
  const trace = startTrace(c.var.entry.origin.requestId);
  const attempt: Attempt = { place, trace, product: 'other' };
  try {
    return sendBrowser(c, parts, await askIdp(c, parts, attempt));
  } catch (error) {
    return refuseAttempt(c, parts, attempt, error);
  }
}

function askIdp(c: SsoContext, parts: SsoParts, attempt: Attempt): Promise<LoginMessage> {
  const { place, trace } = attempt;
  const { connectionId, urls } = place;
  const returnTo = c.req.query('returnTo') || c.req.query('RelayState') || null;
  return place.inTenant(async (scope) => {
    const { idp, spCertificate, spPrivateKey, settings } = await openConnection(scope, connectionId);
    attempt.product = recognizeProduct(idp);
    const allowedOrigins = [...parts.allowedOrigins, ...settings.redirectOrigins];
    if (returnTo !== null && !readReturnTarget(returnTo, { ...parts, allowedOrigins })) {
      trace.note('return', { allowed: [parts.appUrl ?? parts.publicUrl, ...allowedOrigins] });
      throw new SamlFailure('relay_state_invalid', { received: returnTo });
    }
    const message = createLoginMessage({
      sp: { ...urls, certificatePems: [spCertificate], privateKeyPem: spPrivateKey },
      idp,
      now: c.var.entry.now,
      relayState: relayStateOf(returnTo),
    });
    const browserHash = bindBrowser(c, parts.publicUrl);
    await beginLogin(scope, { id: message.requestId, connectionId, browserHash, returnTo });
    return message;
  });
}

function sendBrowser(c: SsoContext, parts: SsoParts, { url, form }: LoginMessage): Response {
  if (form) return postForm(c, parts, url, form);
  c.header('cache-control', 'no-store');
  c.header('referrer-policy', 'no-referrer');
  return c.redirect(url, 302);
}

/** A form that posts itself, or by its button where scripts are off (bindings §3.5.4). */
function postForm(
  c: SsoContext,
  parts: SsoParts,
  url: string,
  form: Readonly<Record<string, string>>,
): Response {
  return answerPage(c, parts, {
    status: 200,
    // Chrome holds redirects that follow the post to the same list, and identity providers make some.
    formAction: `${new URL(url).origin} https:`,
    scripted: true,
    make: (nonce) => ({ title: 'Sign in', body: writeForm(url, form, nonce) }),
  });
}

function writeForm(url: string, form: Readonly<Record<string, string>>, nonce: string): Html {
  const fields = Object.entries(form).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  return html`<p>You are being sent to your organisation's sign-in page.</p>
    <form method="post" action="${url}">${fields}<button>Continue</button></form>
    <script nonce="${nonce}">
      document.forms[0].submit();
    </script> `;
}
