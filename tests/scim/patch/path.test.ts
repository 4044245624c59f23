import { expect, test } from 'vitest';
import { parsePath } from '../../../scim/patch/path.ts';
import { userType } from '../../../scim/schema/resource-types.ts';
import { enterpriseUrn, userUrn } from '../people.ts';

function read(text: string) {
  const path = parsePath(userType, text);
  if (path.kind === 'extension') return path.schema.property;
  const { attribute, sub, filter } = path;
  return [attribute.key, sub?.name ?? null, filter?.kind ?? null];
}

test.each([
  ['userName', ['userName', null, null]],
  ['NAME.givenname', ['name', 'givenName', null]],
  ['emails', ['emails', null, null]],
  ['emails.value', ['emails', 'value', null]],
  ['emails[type eq "work"]', ['emails', null, 'comparison']],
  ['emails[type eq "work"].Value', ['emails', 'value', 'comparison']],
  ['emails[type eq "a].b" and primary eq true].value', ['emails', 'value', 'and']],
  ['emails[type eq "\\"]"].value', ['emails', 'value', 'comparison']],
  [`${userUrn}:emails[type eq "work"].value`, ['emails', 'value', 'comparison']],
  [`${userUrn}:name.familyName`, ['name', 'familyName', null]],
  [`${enterpriseUrn}:department`, ['enterprise.department', null, null]],
  [`${enterpriseUrn.toLowerCase()}:MANAGER.value`, ['enterprise.manager', 'value', null]],
  [
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0User:department',
    ['enterprise.department', null, null],
  ],
  ['manager.$ref', ['enterprise.manager', '$ref', null]],
  [enterpriseUrn, 'enterprise'],
])('%s is a path', (text, meant) => {
  expect(read(text)).toEqual(meant);
});

test.each([
  '',
  ' ',
  'shoeSize',
  'name.shoeSize',
  'userName.value',
  'name.givenName.x',
  'name.',
  '.name',
  'name..givenName',
  'emails[type eq "work"',
  'emails[type eq "work"]value',
  'emails[type eq "work"].value.x',
  'emails[type eq "work"][type eq "home"]',
  'emails[type eq "work"].shoeSize',
  'name[givenName eq "x"]',
  'emails.value[type eq "work"]',
  'userName pr',
  'userName eq "x"',
  'urn:x:userName',
  `${enterpriseUrn}:userName`,
  `${enterpriseUrn}:`,
  'constructor',
  '__proto__',
  'x'.repeat(5_000),
])('%s is no path', (text) => {
  expect(() => parsePath(userType, text)).toThrow(
    expect.objectContaining({ status: 400, scimType: 'invalidPath' }),
  );
});

test.each([
  'emails[type]',
  'emails[]',
  'emails[shoe eq "x"]',
  'emails[primary gt true]',
  'emails[type eq "a" or]',
])('%s has no filter in its brackets', (text) => {
  expect(() => parsePath(userType, text)).toThrow(
    expect.objectContaining({ status: 400, scimType: 'invalidFilter' }),
  );
});
