import { z } from 'zod';
import type { VerifiedAssertion } from './assertion.ts';
import { SamlFailure } from './failures.ts';
import { nameIdFormats } from './names.ts';

/** Who signed in, in our words. */
export type SsoIdentity = {
  nameId: string;
  nameIdFormat: string | null;
  email: string | null;
  givenName: string | null;
  familyName: string | null;
  displayName: string | null;
};

/** The attribute that carries each field, where a connection names it itself. */
export type AttributeMapping = { readonly [field in MappedField]?: string | undefined };
type MappedField = 'email' | 'givenName' | 'familyName' | 'displayName';

/** Persistent ones have at most 256 characters (core §8.3.7), others may be longer. */
const mostNameIdCharacters = 512;

const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
const microsoft = 'http://schemas.microsoft.com/identity/claims';

/**
 * The names that identity providers use of themselves. Okta and Google send what the admin types,
 * after their setup guides; Entra ID and AD FS send claim URIs; the OIDs are of RFC 4519/eduPerson.
 */
export const attributePresets = {
  okta: { email: 'email', givenName: 'firstName', familyName: 'lastName', displayName: 'displayName' },
  entra: {
    email: `${claims}/emailaddress`,
    givenName: `${claims}/givenname`,
    familyName: `${claims}/surname`,
    displayName: `${microsoft}/displayname`,
  },
  google: { email: 'email', givenName: 'first_name', familyName: 'last_name', displayName: 'display_name' },
  adfs: {
    email: `${claims}/emailaddress`,
    givenName: `${claims}/givenname`,
    familyName: `${claims}/surname`,
    displayName: `${claims}/name`,
  },
  oid: {
    email: 'urn:oid:0.9.2342.19200300.100.1.3',
    givenName: 'urn:oid:2.5.4.42',
    familyName: 'urn:oid:2.5.4.4',
    displayName: 'urn:oid:2.16.840.1.113730.3.1.241',
  },
  plain: { email: 'mail', givenName: 'givenName', familyName: 'sn', displayName: 'cn' },
} as const satisfies Record<string, Record<MappedField, string>>;

/**
 * Reads who signed in from a verified assertion: from the attributes that the mapping names, or else
 * from the first preset name that is there. Where no attribute carries the e-mail, a NameID that is
 * one does. Refuses with `attribute_ambiguous` where a field's attribute has several values,
 * `attribute_invalid` where the e-mail is none or the NameID too long, and `name_id_missing`.
 */
export function readIdentity(assertion: VerifiedAssertion, mapping: AttributeMapping = {}): SsoIdentity {
  const { nameId, nameIdFormat } = assertion;
  if (nameId === null) throw new SamlFailure('name_id_missing');
  if (nameId.length > mostNameIdCharacters) {
    throw new SamlFailure('attribute_invalid', { field: 'NameID', characters: nameId.length });
  }
  return {
    nameId,
    nameIdFormat,
    email: readEmail(assertion, mapping.email) ?? emailInNameId(nameId, nameIdFormat),
    givenName: readField(assertion, 'givenName', mapping.givenName),
    familyName: readField(assertion, 'familyName', mapping.familyName),
    displayName: readField(assertion, 'displayName', mapping.displayName),
  };
}

function readEmail(assertion: VerifiedAssertion, name: string | undefined) {
  const email = readField(assertion, 'email', name);
  if (email !== null && !isEmail(email))
    throw new SamlFailure('attribute_invalid', { field: 'email', value: email });
  return email;
}

function emailInNameId(nameId: string, format: string | null) {
  const mayBeEmail =
    format === null || format === nameIdFormats.emailAddress || format === nameIdFormats.unspecified;
  return mayBeEmail && isEmail(nameId) ? nameId : null;
}

function readField({ attributes }: VerifiedAssertion, field: MappedField, mapped: string | undefined) {
  const names =
    mapped === undefined ? Object.values(attributePresets).map((preset) => preset[field]) : [mapped];
  const name = names.find((candidate) => attributes.has(candidate));
  const values = name === undefined ? [] : (attributes.get(name) ?? []);
  if (values.length > 1) throw new SamlFailure('attribute_ambiguous', { field, attribute: name ?? null });
  return values[0]?.slice(0, 320) || null;
}

function isEmail(value: string) {
  return z.email().max(320).safeParse(value).success;
}
