import { failureTexts } from './failure-texts.ts';

/** Every reason for which a SAML login is refused. Traces, pages and tests branch on these words. */
export const failureCodes = [
  'message_malformed',
  'message_too_large',
  'markup_forbidden',
  'structure_excessive',
  'schema_invalid',
  'structure_invalid',
  'status_not_success',
  'assertion_missing',
  'assertion_ambiguous',
  'assertion_encrypted',
  'signature_missing',
  'signature_invalid',
  'certificate_unknown',
  'algorithm_weak',
  'key_weak',
  'issuer_wrong',
  'audience_missing',
  'audience_wrong',
  'recipient_wrong',
  'destination_wrong',
  'confirmation_wrong',
  'request_unknown',
  'request_expired',
  'unsolicited_response',
  'browser_changed',
  'conditions_missing',
  'not_yet_valid',
  'expired',
  'issue_instant_wrong',
  'authn_statement_missing',
  'name_id_missing',
  'attribute_ambiguous',
  'attribute_invalid',
  'email_missing',
  'email_domain_not_verified',
  'replayed',
  'relay_state_invalid',
  'connection_draft',
  'connection_disabled',
  'user_unknown',
  'user_deactivated',
  'user_limit_reached',
  'plan_required',
  'tenant_not_live',
  'tenant_suspended',
  'tenant_offboarded',
] as const;
export type FailureCode = (typeof failureCodes)[number];

/** What was expected and what came: flat, and never a secret or another tenant's. */
export type FailureDetail = Readonly<Record<string, string | number | null | readonly string[]>>;

/** The identity providers whose admin consoles have words of their own for what is to be changed. */
export type IdpProduct = 'okta' | 'entra' | 'other';

/** A SAML message or login that was refused: its reason, and what the trace shows beside it. */
export class SamlFailure extends Error {
  override readonly name = 'SamlFailure';
  readonly code: FailureCode;
  readonly detail: FailureDetail;

  constructor(code: FailureCode, detail: FailureDetail = {}) {
    super(failureTexts[code].says);
    this.code = code;
    this.detail = detail;
  }
}

/** What is wrong, and what the identity provider's admin (or ours) changes, in that product's own words. */
export function explainFailure(code: FailureCode, product: IdpProduct = 'other') {
  const { says, fix, okta, entra } = failureTexts[code];
  const byProduct = { okta: okta ?? fix, entra: entra ?? fix, other: fix };
  return { says, fix: byProduct[product] };
}
