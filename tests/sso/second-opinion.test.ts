import { IdentityProvider, ServiceProvider, setSchemaValidator } from 'samlify';
import { expect, test } from 'vitest';
import { checkSchema } from '../../sso/schema.ts';
import { withXml } from '../../sso/xml.ts';
import { createIdentityProvider } from '../support/identity-provider.ts';
import { accept, ada, target } from './world.ts';

// samlify reads the machine's clock, so these responses are made now; only signatures are compared.
const provider = await createIdentityProvider({
  entityId: 'https://idp.acme.example/saml',
  ssoUrl: 'https://idp.acme.example/sso',
});
setSchemaValidator({
  validate: async (xml: string) => withXml(xml, (document) => checkSchema(document, 'protocol')),
});
const their = IdentityProvider({ metadata: provider.metadataXml() });
const our = ServiceProvider({
  entityID: target.spEntityId,
  authnRequestsSigned: true,
  wantAssertionsSigned: true,
  assertionConsumerService: [
    { Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', Location: target.acsUrl },
  ],
});

test.each(['assertion', 'both'] as const)(
  'samlify reads the same person from a response with %s signed',
  async (sign) => {
    const { form } = provider.respondTo(target, ada, { sign });

    const { extract } = await our.parseLoginResponse(their, 'post', { body: form });

    expect(extract.nameID).toBe(ada.nameId);
  },
);

test('samlify takes another audience, recipient and request, which is why it is not asked alone', async () => {
  const { form } = provider.respondTo(target, ada, {
    audience: 'https://other.example',
    recipient: 'https://other.example/acs',
    destination: 'https://other.example/acs',
    inResponseTo: '_other',
  });

  const { extract } = await our.parseLoginResponse(their, 'post', { body: form });

  expect(extract.nameID).toBe(ada.nameId);
  expect(() => accept(form.SAMLResponse, [provider.key.certificatePem])).toThrow('meant for another service');
});
