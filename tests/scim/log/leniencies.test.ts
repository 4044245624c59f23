import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type NormalizationRule, normalizationRules } from '../../../scim/resource/normalization-rules.ts';
import { findPath, patchBody } from '../../support/scim-client.ts';
import { openWorld } from '../../support/world.ts';
import { aProvisionedUser } from '../directory.ts';
import { aLoggedDirectory } from './logged-directory.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const directory = await aLoggedDirectory(world);
const { send, lastLogged } = directory;
const userId = await aProvisionedUser(directory);

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const microsoftUrn = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';

const patchUser = (...operations: object[]) =>
  send('PATCH', `/Users/${userId}`, { body: patchBody(...operations) });
const replace = (path: string, value: unknown) => patchUser({ op: 'Replace', path, value });
const create = (more: object) =>
  send('POST', '/Users', { body: { schemas: [userUrn], userName: randomUUID(), ...more } });
const createGroup = (more: object) =>
  send('POST', '/Groups', { body: { displayName: randomUUID(), ...more } });

/** Who needs each rule, and what then stands in the log. */
const needs: Record<NormalizationRule, readonly [need: string, send: () => Promise<unknown>]> = {
  'boolean-as-string': ['active', () => replace('active', 'True')],
  'null-as-absent': ['addresses', () => create({ addresses: null })],
  'empty-string-as-absent': ['title', () => replace('title', '')],
  'attribute-name-case': ['UserName', () => send('GET', findPath('UserName eq "nobody"'))],
  'urn-prefixed-key': [
    `${enterpriseUrn}:department`,
    () => patchUser({ op: 'replace', value: { [`${enterpriseUrn}:department`]: 'Sales' } }),
  ],
  'dotted-key': ['name.givenName', () => patchUser({ op: 'replace', value: { 'name.givenName': 'Bo' } })],
  'misspelt-urn': [microsoftUrn, () => createGroup({ schemas: [microsoftUrn] })],
  'unknown-schema-ignored': [
    'urn:scim:schemas:core:1.0',
    () => create({ schemas: ['urn:scim:schemas:core:1.0'] }),
  ],
  'null-reference': ['members.$ref', () => createGroup({ members: [{ value: userId, $ref: null }] })],
  'bare-extension-attribute': ['department', () => create({ department: 'Sales' })],
  'complex-as-string': ['enterprise.manager', () => replace(`${enterpriseUrn}:manager`, userId)],
  'complex-as-list': ['enterprise.manager', () => replace('manager', [{ value: userId }])],
  'list-as-single-value': ['emails', () => create({ emails: { value: 'one@x.example' } })],
  'valueless-element-dropped': ['emails', () => create({ emails: [{ type: 'work' }] })],
  'unquoted-filter-value': ['externalId', () => send('GET', findPath('externalId eq jyoung'))],
  'missing-element-created': [
    'phoneNumbers',
    () => replace('phoneNumbers[type eq "mobile"].value', '+49 30 1'),
  ],
  'all-members-removed': [
    'members',
    async () => {
      const { body } = await createGroup({ members: [{ value: userId }] });
      await send('PATCH', `/Groups/${body.id}`, { body: patchBody({ op: 'remove', path: 'members' }) });
    },
  ],
  'unknown-attribute-ignored': ['shoeSize', () => create({ shoeSize: 44 })],
  'password-ignored': ['password', () => create({ password: 'pw' })],
};

test.each(Object.entries(needs))('the log says where %s was needed', async (rule, [need, sendIt]) => {
  await sendIt();

  const logged = await lastLogged();

  expect(logged?.normalized).toContain(`${rule}: ${need}`);
  expect(logged?.refusal).toBeNull();
});

test('each rule says where it comes from', () => {
  for (const source of Object.values(normalizationRules))
    expect(source).toMatch(/RFC|Entra|Okta|Rippling|SCIM 1/);
});
