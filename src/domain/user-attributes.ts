import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/** The most values one multi-valued attribute of a user may hold. */
export const maxElements = 500;

/** The longest name or address, in UTF-16 units of its key: keys stand in indexes, whose rows are limited. */
export const maxKeyLength = 512;

/**
 * The form of a text in which differences of case and of Unicode form are gone: NFKC, lower case, and NFKC
 * again, so that the key of a key is itself. `ß` stays apart from `ss`, and `İ` from `i`: two people are
 * never taken for one.
 */
export function foldCase(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** The key under which a user name is unique in its tenant (RFC 7643 §4.1.1: `caseExact` is false). */
export function normalizeUserName(name: string): string {
  return foldCase(name);
}

/** Whether PostgreSQL can store this text: it takes neither U+0000 nor a lone surrogate. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

const storable = z.string().refine(isStorable, 'must not hold U+0000 or a lone surrogate');
const text = storable.max(10_000);
const long = storable.max(100_000); // Photos may be data URIs, certificates are base64.
/** A name or address that is found by its key. */
export const keyed = storable.refine(
  (value) => foldCase(value).length <= maxKeyLength,
  `must not be longer than ${maxKeyLength} characters`,
);
const absentText = text.nullable().default(null);

function listOf<Element extends z.ZodType<{ primary?: boolean }>>(element: Element) {
  return z
    .array(element)
    .max(maxElements)
    .refine((all) => all.filter(({ primary }) => primary).length <= 1, 'has more than one primary value')
    .default([]);
}

function valued(value: z.ZodString) {
  return z.object({
    value: value.min(1),
    display: text.exactOptional(),
    type: text.exactOptional(),
    primary: z.boolean().exactOptional(),
  });
}

const address = z.object({
  formatted: text.exactOptional(),
  streetAddress: text.exactOptional(),
  locality: text.exactOptional(),
  region: text.exactOptional(),
  postalCode: text.exactOptional(),
  country: text.exactOptional(),
  type: text.exactOptional(),
  primary: z.boolean().exactOptional(),
});

const name = z.object({
  formatted: absentText,
  familyName: absentText,
  givenName: absentText,
  middleName: absentText,
  honorificPrefix: absentText,
  honorificSuffix: absentText,
});

const enterprise = z.object({
  employeeNumber: absentText,
  costCenter: absentText,
  organization: absentText,
  division: absentText,
  department: absentText,
  /** The manager may be a user whom this directory does not know (yet): `value` is kept as it came. */
  manager: z
    .object({ value: text.min(1), displayName: text.exactOptional() })
    .nullable()
    .default(null),
});

/**
 * What a directory knows of a user, whatever the protocol that brought it (the attributes are those of
 * RFC 7643 §4.1 and §4.3). Absent is null or an empty list; of each list at most one value is primary.
 */
export const userAttributes = z.object({
  userName: keyed.refine((value) => value.trim() !== '', 'must not be empty'),
  externalId: keyed.nullable().default(null),
  active: z.boolean(),
  displayName: keyed.nullable().default(null),
  name: name.prefault({}),
  nickName: absentText,
  profileUrl: absentText,
  title: absentText,
  userType: absentText,
  preferredLanguage: absentText,
  locale: absentText,
  timezone: absentText,
  emails: listOf(valued(keyed)),
  phoneNumbers: listOf(valued(text)),
  ims: listOf(valued(text)),
  photos: listOf(valued(long)),
  addresses: listOf(address),
  entitlements: listOf(valued(text)),
  roles: listOf(valued(text)),
  x509Certificates: listOf(valued(long)),
  enterprise: enterprise.prefault({}),
});
export type UserAttributes = z.infer<typeof userAttributes>;

/** A group that a user is in: by itself, or by a group within it. */
export type UserGroup = { id: string; display: string; isDirect: boolean };

/**
 * A stored user: its attributes, and what the server alone decides. `version` rises by one with each change of what is
 * stored; `groups` are told from the groups.
 */
export type UserRecord = UserAttributes & {
  id: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  groups: readonly UserGroup[];
};

/** The names of the attributes in which two users differ, the order of lists included; `enterprise` is the extension. */
export function changedAttributes(one: UserAttributes, other: UserAttributes): string[] {
  return userAttributes.keyof().options.filter((name) => !isDeepStrictEqual(one[name], other[name]));
}

/** Whether two users are the same in every attribute; id and version aside. */
export function hasSameAttributes(one: UserAttributes, other: UserAttributes): boolean {
  return changedAttributes(one, other).length === 0;
}
