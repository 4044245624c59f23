import { type FailureText, failureTexts } from './failure-texts.ts';

/** Every reason for which a SAML login is refused. Traces, pages and tests branch on these words. */
export type FailureCode = keyof typeof failureTexts;

/** The same as a list. */
export const failureCodes: readonly FailureCode[] = Object.keys(failureTexts).filter((code) =>
  isFailureCode(code),
);

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
  const { says, fix, okta, entra }: FailureText = failureTexts[code];
  const byProduct = { okta: okta ?? fix, entra: entra ?? fix, other: fix };
  return { says, fix: byProduct[product] };
}

function isFailureCode(word: string): word is FailureCode {
  return Object.hasOwn(failureTexts, word);
}
