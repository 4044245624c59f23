import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { provisionUser } from '../../../src/actions/people/provisioning.ts';
import { type ComparisonOperator, comparisonOperators, type Filter } from '../../../src/domain/filter.ts';
import { userAttributes } from '../../../src/domain/user-attributes.ts';
import { parseFilter } from '../../../scim/filter/filter.ts';
import { userType } from '../../../scim/schema/resource-types.ts';
import { openWorld } from '../../support/world.ts';
import { aDirectory } from '../directory.ts';
import { groupsOf } from '../groups/group-clients.ts';
import { enterpriseUrn } from '../people.ts';
import { holdsOf } from './rfc-evaluator.ts';

/** Few and awkward texts, so that they meet: case, accents, what LIKE and JSON escape, what looks like SQL. */
const texts = [
  'a',
  'A',
  'ab',
  'Bob',
  'bob',
  'é',
  'E\u0301',
  'ΑΣ',
  'İ',
  'straße',
  '%',
  '_',
  '\\',
  '"',
  "' or 1=1",
  '?',
  '%_\\',
];
const types = ['work', 'Work', 'home'];
const text = fc.constantFrom(...texts);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const elements = fc.array(
  fc.record({ value: text, type: maybe(fc.constantFrom(...types)), display: maybe(text) }),
  { maxLength: 3 },
);
const person = fc
  .record({
    active: fc.boolean(),
    externalId: text,
    displayName: maybe(text),
    title: maybe(text),
    givenName: maybe(text),
    department: maybe(text),
    // An id that a URL writes as it is: the database does not encode what it compares $ref with.
    manager: maybe(fc.constantFrom('a', 'A', 'ab', 'bob')),
    emails: elements,
    roles: elements,
    primary: fc.nat(4),
  })
  .map(({ givenName, department, manager, primary, emails, roles, ...others }) => ({
    ...others,
    name: { givenName },
    enterprise: { department, manager: manager && { value: manager } },
    emails: emails.map((one, at) => (at === primary ? { ...one, primary: true } : one)),
    roles: roles.map((one, at) => (at === primary ? { ...one, primary: false } : one)),
  }));

const world = await openWorld();
const directory = await aDirectory(world);
const people = fc.sample(person, { numRuns: 40, seed: 7 });
for (const [at, one] of people.entries()) {
  const known = JSON.parse(
    JSON.stringify({ ...one, userName: `User ${at}`, externalId: `${one.externalId}${at}` }),
  );
  await world.inTenant(directory.tenant.id, (scope) => provisionUser(scope, userAttributes.parse(known)), {
    kind: 'scim',
    id: directory.tokenId,
  });
}
const everybody = await directory.okta.importUsers();
const [first, second] = everybody;
for (const [displayName, member] of [
  ['Bob', first?.id],
  ['a', second?.id],
]) {
  await groupsOf(directory).create({ displayName, members: [{ value: member }] });
}
const resources = (await directory.send('GET', '/Users?count=100')).body.Resources ?? [];

const moments = resources.map(({ meta }) => String(Object(meta).created));
const operator = fc.constantFrom(...comparisonOperators);
const equality = fc.constantFrom<ComparisonOperator>('eq', 'ne');
const ordering = fc.constantFrom<ComparisonOperator>('eq', 'ne', 'gt', 'ge', 'lt', 'le');
const value = text.map((one) => JSON.stringify(one));
const flag = fc.constantFrom('true', 'false', 'null');

function compare(names: readonly string[], how: fc.Arbitrary<string>, what: fc.Arbitrary<string>) {
  return fc.tuple(fc.constantFrom(...names), how, what).map((words) => words.join(' '));
}
function present(names: readonly string[]) {
  return fc.constantFrom(...names).map((name) => `${name} pr`);
}

const strings = [
  'userName',
  'externalId',
  'displayName',
  'title',
  'nickName',
  'name.givenName',
  `${enterpriseUrn}:department`,
  'manager',
  'manager.$ref',
  'emails',
  'emails.type',
  'emails.display',
  'roles.value',
  'roles.type',
  'groups.display',
  'addresses.locality',
  'schemas',
  'id',
  'meta.version',
  'meta.resourceType',
];
const parts = ['value', 'type', 'display'];
const inner = fc.letrec<{ all: string }>((tie) => ({
  all: fc.oneof(
    { maxDepth: 2 },
    compare(
      parts,
      operator,
      fc.oneof(
        value,
        fc.constantFrom(...types).map((one) => JSON.stringify(one)),
      ),
    ),
    compare(['primary', 'type', 'display'], equality, fc.constant('null')),
    compare(['primary'], equality, flag),
    present([...parts, 'primary']),
    tie('all').map((one) => `not (${one})`),
    fc
      .tuple(tie('all'), fc.constantFrom('and', 'or'), tie('all'))
      .map(([a, word, b]) => `(${a} ${word} ${b})`),
  ),
})).all;
const filters = fc.letrec<{ all: string }>((tie) => ({
  all: fc.oneof(
    { maxDepth: 3 },
    compare(strings, operator, value),
    compare(strings, equality, fc.constant('null')),
    compare(['active', 'emails.primary', 'roles.primary'], equality, flag),
    compare(
      ['meta.created', 'meta.lastModified'],
      ordering,
      fc.constantFrom(...moments).map((one) => `"${one}"`),
    ),
    present([...strings, 'active', 'name', 'emails.primary', 'addresses', 'groups', 'meta', 'roles']),
    fc
      .tuple(fc.constantFrom('emails', 'roles', 'addresses'), inner)
      .map(([name, one]) => (name === 'addresses' ? `addresses[not (type eq "work")]` : `${name}[${one}]`)),
    fc
      .tuple(fc.constantFrom('emails', 'roles'), inner, operator, value)
      .map(([name, one, how, what]) => `${name}[${one}].value ${how} ${what}`),
    tie('all').map((one) => `not (${one})`),
    fc
      .tuple(tie('all'), fc.constantFrom('and', 'or'), tie('all'))
      .map(([a, word, b]) => `(${a} ${word} ${b})`),
  ),
})).all;

function expected(filter: Filter): unknown[] {
  return resources.filter((one) => holdsOf(filter, one)).map(({ id }) => id);
}

test('any filter finds exactly whom a plain evaluator of RFC 7644 finds, in the same order', async () => {
  await fc.assert(
    fc.asyncProperty(filters, async (filter) => {
      fc.pre(filter.length < 3000);
      const { status, body, text } = await directory.send(
        'GET',
        `/Users?count=100&attributes=id&filter=${encodeURIComponent(filter)}`,
      );

      expect(status, text).toBe(200);
      expect(body.Resources?.map(({ id }) => id)).toEqual(expected(parseFilter(userType, filter)));
      expect(body.totalResults).toBe(body.Resources?.length);
    }),
    { numRuns: process.env['LONG'] ? 5000 : 150 },
  );
});
