import { SamlFailure } from './failures.ts';
import { bearerMethod, namespaces } from './names.ts';
import { attributeOf, childNamed, childrenNamed, type Element } from './xml.ts';

/** What an assertion says, as typed data (core §2.3.3). Times are moments, absent things are null. */
export type AssertionStatements = {
  assertionId: string;
  issuer: string;
  issueInstant: Date;
  nameId: string | null;
  nameIdFormat: string | null;
  /** How many bearer confirmations there are; the four fields below are those of the first. */
  bearerConfirmations: number;
  recipient: string | null;
  inResponseTo: string | null;
  subjectNotBefore: Date | null;
  subjectNotOnOrAfter: Date | null;
  hasConditions: boolean;
  notBefore: Date | null;
  notOnOrAfter: Date | null;
  /** One list for each AudienceRestriction; each must be satisfied by itself (core §2.5.1.4). */
  audiences: readonly (readonly string[])[];
  /** When the person signed in at the identity provider; null without an AuthnStatement. */
  authnInstant: Date | null;
  sessionIndex: string | null;
  sessionNotOnOrAfter: Date | null;
  /** Every value under its attribute's Name, in order. */
  attributes: ReadonlyMap<string, readonly string[]>;
};

const saml = namespaces.assertion;

/** Reads a schema-valid assertion. Reading judges nothing but the form of its times. */
export function readAssertion(assertion: Element): AssertionStatements {
  return {
    assertionId: attributeOf(assertion, 'ID') ?? '',
    issuer: textOf(childNamed(assertion, saml, 'Issuer')) ?? '',
    issueInstant: timeOf(assertion, 'IssueInstant') ?? new Date(Number.NaN),
    ...readSubject(childNamed(assertion, saml, 'Subject')),
    ...readConditions(childNamed(assertion, saml, 'Conditions')),
    ...readAuthentication(childrenNamed(assertion, saml, 'AuthnStatement')),
    attributes: readAttributes(assertion),
  };
}

function readSubject(subject: Element | undefined) {
  const nameId = subject && childNamed(subject, saml, 'NameID');
  const confirmations = subject ? childrenNamed(subject, saml, 'SubjectConfirmation') : [];
  const bearers = confirmations.filter((each) => attributeOf(each, 'Method') === bearerMethod);
  const data = bearers[0] && childNamed(bearers[0], saml, 'SubjectConfirmationData');
  return {
    nameId: textOf(nameId) || null,
    nameIdFormat: nameId ? attributeOf(nameId, 'Format') : null,
    bearerConfirmations: bearers.length,
    recipient: data ? attributeOf(data, 'Recipient') : null,
    inResponseTo: data ? attributeOf(data, 'InResponseTo') : null,
    subjectNotBefore: timeOf(data, 'NotBefore'),
    subjectNotOnOrAfter: timeOf(data, 'NotOnOrAfter'),
  };
}

function readConditions(conditions: Element | undefined) {
  const restrictions = conditions ? childrenNamed(conditions, saml, 'AudienceRestriction') : [];
  return {
    hasConditions: conditions !== undefined,
    notBefore: timeOf(conditions, 'NotBefore'),
    notOnOrAfter: timeOf(conditions, 'NotOnOrAfter'),
    audiences: restrictions.map((restriction) =>
      childrenNamed(restriction, saml, 'Audience').map((audience) => audience.text.trim()),
    ),
  };
}

/** Of several statements the earliest end of the session counts. */
function readAuthentication(statements: readonly Element[]) {
  const [first] = statements;
  const ends = statements
    .map((statement) => timeOf(statement, 'SessionNotOnOrAfter'))
    .filter((end) => end !== null);
  return {
    authnInstant: timeOf(first, 'AuthnInstant'),
    sessionIndex: first ? attributeOf(first, 'SessionIndex') : null,
    sessionNotOnOrAfter: ends.sort((one, other) => one.getTime() - other.getTime())[0] ?? null,
  };
}

function readAttributes(assertion: Element) {
  const attributes = new Map<string, string[]>();
  for (const statement of childrenNamed(assertion, saml, 'AttributeStatement')) {
    for (const attribute of childrenNamed(statement, saml, 'Attribute')) {
      const name = attributeOf(attribute, 'Name') ?? '';
      const values = childrenNamed(attribute, saml, 'AttributeValue').map(wholeText);
      attributes.set(name, [...(attributes.get(name) ?? []), ...values]);
    }
  }
  return attributes;
}

/** A value may be an element, such as the NameID of eduPersonTargetedID. */
function wholeText({ text, children }: Element): string {
  return [text, ...children.map(wholeText)].join('').trim();
}

function textOf(element: Element | undefined) {
  return element?.text.trim() ?? null;
}

/** Times are UTC, also without their Z (core §1.3.3). */
function timeOf(element: Element | undefined, name: string) {
  const text = element ? attributeOf(element, name)?.trim() : null;
  if (!text) return null;
  const time = new Date(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(time.getTime()))
    throw new SamlFailure('schema_invalid', { problem: `${name} is not a time` });
  return time;
}
