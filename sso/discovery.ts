import { findLoginConnection } from '../src/actions/connections/sso-discovery.ts';
import { slug } from '../src/domain/names.ts';
import { urlsOf } from './connection-place.ts';
import type { SsoContext, SsoParts } from './env.ts';
import { writePlainPage } from './failure-page.ts';
import { answerPage } from './page-answer.ts';

/**
 * Leads somebody who only knows the tenant's name to its sign-in. Where there is none, whatever the reason, the answer
 * is the same page.
 */
export async function discoverLogin(c: SsoContext, parts: SsoParts): Promise<Response> {
  const wanted = slug.safeParse(c.req.query('tenant')?.trim().toLowerCase());
  const anonymous = { ...c.var.entry, actor: { kind: 'anonymous' } } as const;
  const connectionId = await parts.db.asControlPlane(anonymous, (scope) =>
    findLoginConnection(scope, wanted.success ? wanted.data : ''),
  );
  if (connectionId === null) return answerUnknown(c, parts);
  const url = new URL(urlsOf(parts.publicUrl, connectionId).loginUrl);
  const returnTo = c.req.query('returnTo') || c.req.query('RelayState');
  if (returnTo) url.searchParams.set('returnTo', returnTo);
  c.header('cache-control', 'no-store');
  return c.redirect(url.href, 302);
}

function answerUnknown(c: SsoContext, parts: SsoParts): Response {
  const sentence =
    'there is no single sign-on for what you entered: check the name of your organisation, or ask its administrator for the link';
  return answerPage(c, parts, {
    status: 404,
    make: () => writePlainPage('No single sign-on found', sentence),
  });
}
