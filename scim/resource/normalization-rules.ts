/** Every leniency towards what clients send, by name, with who sends it. The core behind it is strict. */
export const normalizationRules = {
  'boolean-as-string': 'Entra sends "True" and "False" (its scim-compatibility page)',
  'null-as-absent': 'RFC 7643 §2.5; Entra sends null for what is not set',
  'empty-string-as-absent': 'Entra and Polis clear with ""; an unset attribute is not returned',
  'attribute-name-case': 'RFC 7643 §2.1; Entra sends `addresses[type eq "other"].Formatted`',
  'urn-prefixed-key': 'Entra sends `urn:…:enterprise:2.0:User:department` as a key of a value',
  'dotted-key': 'Entra sends `name.givenName` as a key of a value',
  'misspelt-urn':
    'Entra documentation has `urn:…:enterprise:2.0User`, without the colon; of a group Entra names a URI of its own',
  'unknown-schema-ignored':
    'clients of SCIM 1.1 name `urn:scim:schemas:core:1.0`; RFC 7643 §3 asks for known ones',
  'null-reference': 'Entra sends `"$ref": null` beside the value of a manager and of members',
  'bare-extension-attribute': 'Entra documentation has `manager` and `department` without their URN',
  'complex-as-string': 'Entra sends the manager, and others a role, as a bare string: it is the value',
  'complex-as-list': 'Entra sends the manager as a list of one',
  'list-as-single-value': 'Rippling sends one object where a list belongs',
  'valueless-element-dropped': 'Entra sends elements whose value is null; they say nothing',
  'unquoted-filter-value': 'Entra documentation has `externalId eq jyoung`',
  'missing-element-created': 'Entra replaces `emails[type eq "work"].value` where there is none',
  'all-members-removed':
    'RFC 7644 §3.5.2.2: a remove of members without a value; dangerous, a client may mean one',
  'unknown-attribute-ignored': 'RFC 7644 §3.3 allows it; Microsoft asks for it',
  'password-ignored': 'Okta sends a random password; none is taken from a directory',
} as const;
export type NormalizationRule = keyof typeof normalizationRules;

/** The rules that one request needed, each as `rule: attribute`, once; never a value. */
export type Notes = Set<string>;

const maxNotes = 100;

/** Notes that a rule was needed. The list is bounded, since the client chooses what stands in it. */
export function addNote(notes: Notes, rule: NormalizationRule, attribute: string): void {
  if (notes.size < maxNotes) notes.add(`${rule}: ${attribute.slice(0, 120)}`);
}
