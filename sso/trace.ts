import type { VerifiedAssertion } from './assertion.ts';
import { readPinned } from './certificates.ts';
import type { ResponseClaims } from './envelope.ts';
import type { SamlFailure } from './failures.ts';

type Fact = string | number | null | readonly string[] | { readonly [name: string]: Fact };

/** What is seen of one sign-in on its way, for its log: values in the clear, and apart from them who it is about. */
export type Trace = ReturnType<typeof startTrace>;

const mostCharacters = 500;
const mostItems = 20;

/** Details of failures that hold what an identity provider says of a person. */
const personalDetails = new Set(['value', 'message']);
const emailLike = /[^\s"'<>=?&:/(),;]+@[^\s"'<>=?&:/(),;]+/;

/** Begins a trace. Steps are timed from the end of the last one. */
export function startTrace(requestId: string) {
  const facts: Record<string, Fact> = { requestId };
  const milliseconds: Record<string, number> = {};
  const personal: Record<string, Fact> = {};
  let last = performance.now();
  const note = (name: string, values: Readonly<Record<string, Fact>>) => {
    facts[name] = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, veil(personal, `${name}.${key}`, value)]),
    );
  };
  return {
    note,
    noteFailure: ({ detail }: SamlFailure) => note('detail', detail),
    noteResponse: ({ id, issuer, destination, inResponseTo }: ResponseClaims) =>
      note('response', { id, issuer, destination, inResponseTo }),
    noteAssertion: (assertion: VerifiedAssertion) => note('assertion', describeAssertion(assertion)),
    noteCertificates: (pems: readonly string[]) =>
      note('certificates', { expected: pems.map((pem) => readPinned(pem).sha256Fingerprint) }),
    notePerson: (person: Readonly<Record<string, string | null>>) => {
      Object.assign(personal, person);
    },
    time: (step: string) => {
      const now = performance.now();
      milliseconds[step] = Math.round((now - last) * 10) / 10;
      last = now;
    },
    facts: (): Record<string, unknown> => ({ ...facts, milliseconds }),
    personal: (): Record<string, unknown> => personal,
  };
}

function describeAssertion(assertion: VerifiedAssertion) {
  return {
    id: assertion.assertionId,
    issuer: assertion.issuer,
    issueInstant: timeOf(assertion.issueInstant),
    nameIdFormat: assertion.nameIdFormat,
    audiences: assertion.audiences.flat(),
    recipient: assertion.recipient,
    inResponseTo: assertion.inResponseTo,
    notBefore: timeOf(assertion.notBefore),
    notOnOrAfter: timeOf(assertion.notOnOrAfter),
    subjectNotOnOrAfter: timeOf(assertion.subjectNotOnOrAfter),
    authnInstant: timeOf(assertion.authnInstant),
    attributes: [...assertion.attributes.keys()],
    signed: assertion.signed,
    certificate: assertion.keyFingerprint,
    certificateNotAfter: timeOf(assertion.keyNotAfter),
  };
}

/** What may tell who somebody is goes to the personal values, whole; the rest is shortened and stays. */
function veil(personal: Record<string, Fact>, name: string, value: Fact): Fact {
  if (typeof value === 'string') return veilText(personal, name, value);
  if (!isList(value)) return value;
  return value.slice(0, mostItems).map((item, index) => veilText(personal, `${name}.${index}`, item));
}

function veilText(personal: Record<string, Fact>, name: string, text: string): string {
  const shown = text.slice(0, mostCharacters);
  if (!personalDetails.has(name.split('.').at(-1) ?? '') && !emailLike.test(text)) return shown;
  personal[name] = shown;
  return '[sealed]';
}

function isList(value: Fact): value is readonly string[] {
  return Array.isArray(value);
}

function timeOf(time: Date | null): string | null {
  return time !== null && !Number.isNaN(time.getTime()) ? time.toISOString() : null;
}
