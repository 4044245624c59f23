import { attributeOf, withXml } from '../../../sso/xml.ts';
import { createIdentityProvider, type IdentityProvider } from '../../support/identity-provider.ts';
import { alertOn, createBrowser, factOn } from '../browser.ts';
import type { Stage } from '../stage.ts';
import type { Owner } from './owner.ts';

export type SsoSetup = {
  idp: IdentityProvider;
  connectionId: string;
  loginUrl: string;
  spMetadataXml: string;
};

/** The customer's identity provider and the service are told of each other. */
export async function connectIdp({ chapter }: Stage, { client }: Owner): Promise<SsoSetup> {
  const step = chapter('Single sign-on is set up, each side with the other’s metadata');
  const idp = await createIdentityProvider({
    entityId: 'https://idp.kestrel.example/saml',
    ssoUrl: 'https://idp.kestrel.example/sso',
  });

  const connection = await step(
    'a connection without metadata is a draft that has our values',
    async (sees) => {
      const created = await client.connections.sso.create.mutate({ name: 'Kestrel IdP' });
      sees('state', created.state, 'draft');
      sees('ACS', created.acsUrl, /\/sso\/[0-9a-f-]{36}\/acs$/);
      return created;
    },
  );

  const spMetadataXml = await step('the identity provider loads our metadata', async (sees) => {
    const response = await fetch(connection.metadataUrl);
    const xml = await response.text();
    sees('status', response.status, 200);
    const facts = withXml(xml, (_, root) => ({ root: root.name, entityId: attributeOf(root, 'entityID') }));
    sees('root', facts.root, 'EntityDescriptor');
    sees('entity ID is the one shown', facts.entityId === connection.spEntityId, true);
    return xml;
  });

  await step('nobody signs in over a draft', async (sees) => {
    const page = await createBrowser().open(connection.loginUrl);
    sees('status', page.status, 403);
    sees('reason', factOn(page, 'Reason'), 'connection_draft');
    sees('page says', alertOn(page), /./);
  });

  await step('with the identity provider’s metadata it is live', async (sees) => {
    const metadataXml = idp.metadataXml();
    const updated = await client.connections.sso.update.mutate({ connectionId: connection.id, metadataXml });
    sees('state', updated.state, 'live');
    sees('certificates pinned', updated.idpCertificateCount, 1);
    const { steps } = await client.onboarding.get.query();
    sees('sso_configured', steps.find((each) => each.step === 'sso_configured')?.state, 'done');
  });

  const { id: connectionId, loginUrl } = connection;
  return { idp, connectionId, loginUrl, spMetadataXml };
}
