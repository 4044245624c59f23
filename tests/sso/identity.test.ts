import { expect, test } from 'vitest';
import { attributePresets, type AttributeMapping, readIdentity } from '../../sso/identity.ts';
import type { RespondOptions } from '../support/identity-provider.ts';
import type { Person } from '../support/saml-response.ts';
import { accept, ada, aResponse, failureOf } from './world.ts';

function identityOf(person: Person, mapping: AttributeMapping = {}, options: RespondOptions = {}) {
  return readIdentity(accept(aResponse(options, person)), mapping);
}

test.each(Object.entries(attributePresets))('the attribute names of %s are known', (_, names) => {
  const attributes = {
    [names.email]: 'ada@acme.example',
    [names.givenName]: 'Ada',
    [names.familyName]: 'Lovelace',
    [names.displayName]: 'Ada Lovelace',
  };

  expect(identityOf({ nameId: 'id-1', attributes })).toEqual({
    nameId: 'id-1',
    nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
    email: 'ada@acme.example',
    givenName: 'Ada',
    familyName: 'Lovelace',
    displayName: 'Ada Lovelace',
  });
});

test('a mapping of the connection is the only name that is looked at', () => {
  const attributes = { email: 'other@acme.example', contact: 'ada@acme.example' };

  expect(identityOf({ nameId: 'id-1', attributes }, { email: 'contact' }).email).toBe('ada@acme.example');
  expect(identityOf({ nameId: 'id-1', attributes }, { email: 'absent' }).email).toBeNull();
});

test('a NameID that is an e-mail address is the e-mail, unless its format says it is something else', () => {
  const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

  expect(identityOf({ nameId: ada.nameId }).email).toBe(ada.nameId);
  expect(identityOf({ nameId: ada.nameId }, {}, { nameIdFormat: persistent }).email).toBeNull();
  expect(identityOf({ nameId: 'ada' }).email).toBeNull();
});

test('two values where one is meant are refused, wherever the second stands', () => {
  const twice = { nameId: 'id-1', attributes: { email: ['ada@acme.example', 'eve@acme.example'] } };
  const again = {
    edit: (xml: string) => xml.replace(/<saml:AttributeStatement>.*<\/saml:AttributeStatement>/s, '$&$&'),
  };

  expect(failureOf(() => identityOf(twice)).code).toBe('attribute_ambiguous');
  expect(failureOf(() => identityOf(ada, {}, again)).code).toBe('attribute_ambiguous');
});

test('an e-mail attribute that is none is refused', () => {
  expect(failureOf(() => identityOf({ nameId: 'id-1', email: 'ada at acme' }))).toEqual({
    code: 'attribute_invalid',
    detail: { field: 'email', value: 'ada at acme' },
  });
});

test('an attribute named like a property of every object is only an attribute', () => {
  expect(
    identityOf({ nameId: 'id-1', attributes: { __proto__x: 'a', constructor: 'b' } }).givenName,
  ).toBeNull();
});
