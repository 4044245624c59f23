import { type Html, html } from '../src/domain/texts/html.ts';
import { asSentence, type Page } from '../src/domain/texts/page-layout.ts';
import type { ConnectionUrls } from './connection-place.ts';
import { explainFailure, type FailureCode, type IdpProduct, type SamlFailure } from './failures.ts';
import type { PageStatus } from './page-answer.ts';

/** What was asked for wrongly, beside a message that is too large; any other failure is a well-formed request refused. */
const badRequests: ReadonlySet<FailureCode> = new Set([
  'message_malformed',
  'markup_forbidden',
  'structure_excessive',
  'schema_invalid',
  'structure_invalid',
  'assertion_missing',
  'assertion_ambiguous',
  'relay_state_invalid',
]);

/** Where starting again is of no use before somebody has changed something. */
const closed: ReadonlySet<FailureCode> = new Set([
  'connection_draft',
  'connection_disabled',
  'plan_required',
  'tenant_not_live',
  'tenant_suspended',
  'tenant_offboarded',
  'user_deactivated',
]);

/** The HTTP status of a failure's page. */
export function statusOf({ code }: SamlFailure): PageStatus {
  if (code === 'message_too_large') return 413;
  return badRequests.has(code) ? 400 : 403;
}

/** Says what is wrong, what an admin changes, and under which number its trace is kept. */
export function writeFailurePage(
  { code }: SamlFailure,
  about: { urls: ConnectionUrls; product: IdpProduct; attemptId: string | null },
): Page {
  const { says, fix } = explainFailure(code, about.product);
  const body = html`<p role="alert">${asSentence(says)}</p>
    ${closed.has(code) ? null : html`<p><a href="${about.urls.loginUrl}">Start the sign-in again</a></p>`}
    <h2>For the administrator</h2>
    <p>${asSentence(fix)}</p>
    <dl>
      ${writeFacts([
        ['Reason', code],
        ['Attempt', about.attemptId],
        ['ACS URL', about.urls.acsUrl],
        ['Entity ID', about.urls.entityId],
        ['Login URL', about.urls.loginUrl],
      ])}
    </dl> `;
  return { title: 'The sign-in did not work', body };
}

/** A page for what has no connection: an unknown address, a wrong method, a fault of ours. */
export function writePlainPage(title: string, sentence: string): Page {
  return { title, body: html`<p role="alert">${asSentence(sentence)}</p>` };
}

function writeFacts(facts: readonly (readonly [string, string | null])[]): Html[] {
  return facts
    .filter(([, value]) => value !== null)
    .map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd><code>${value}</code></dd>`,
    );
}
