import { createOktaClient, type DirectoryPerson } from '../../support/scim-client.ts';
import type { Stage } from '../stage.ts';
import type { Owner } from './owner.ts';

export type Okta = ReturnType<typeof createOktaClient>;
export type Provisioned = DirectoryPerson & { id: string };
export type OktaDirectory = { okta: Okta; ada: Provisioned; ivo: Provisioned };

const ada: DirectoryPerson = {
  userName: 'ada@kestrel.example',
  externalId: '00u1ada',
  givenName: 'Ada',
  familyName: 'Reyes',
  email: 'ada@kestrel.example',
};
const ivo: DirectoryPerson = {
  userName: 'ivo@kestrel.example',
  externalId: '00u2ivo',
  givenName: 'Ivo',
  familyName: 'Brandt',
  email: 'ivo@kestrel.example',
};

/** The customer's Okta provisions people over SCIM. */
export async function provisionFromOkta({ chapter }: Stage, { client }: Owner): Promise<OktaDirectory> {
  const step = chapter('Okta provisions people over SCIM 2.0');

  const okta = await step('the owner makes a token for Okta, shown once', async (sees) => {
    const { token, baseUrl } = await client.connections.scim.createToken.mutate({ label: 'Okta' });
    sees('base URL', baseUrl, /\/scim\/v2\/kestrel-freight$/);
    const { items } = await client.connections.scim.listTokens.query();
    sees(
      'listed',
      items.map(({ label }) => label),
      ['Okta'],
    );
    sees('without its secret', !JSON.stringify(items).includes(token), true);
    return createOktaClient({ baseUrl, token, fetch });
  });

  await step('Okta tests the connection, and looks Ada up before it creates her', async (sees) => {
    const test = await okta.testConnection();
    sees('status', test.status, 200);
    const found = await okta.findUser(ada.userName);
    sees('users found', found.body.totalResults, 0);
  });

  const adaId = await step('it creates Ada; a second Ada is refused', async (sees) => {
    const { status, body } = await okta.createUser(ada);
    sees('status', status, 201);
    sees('active', body.active, true);
    const again = await okta.createUser(ada);
    sees('again', again.status, 409);
    sees('scimType', again.body['scimType'], 'uniqueness');
    return body.id ?? '';
  });

  const ivoId = await step('it creates Ivo, the IT administrator', async (sees) => {
    const { status, body } = await okta.createUser(ivo);
    sees('status', status, 201);
    return body.id ?? '';
  });

  await playOktaUpdates(step, okta, adaId);
  return { okta, ada: { ...ada, id: adaId }, ivo: { ...ivo, id: ivoId } };
}

async function playOktaUpdates(step: ReturnType<Stage['chapter']>, okta: Okta, id: string): Promise<void> {
  await step('it updates her by PUT, sending everything it knows back', async (sees) => {
    const { status, body } = await okta.updateUser(id, { title: 'Dispatcher' });
    sees('status', status, 200);
    sees('title', body['title'], 'Dispatcher');
  });

  await step('it deactivates her by a PATCH without a path: she stays, inactive', async (sees) => {
    const { status, body } = await okta.deactivateUser(id);
    sees('status', status, 200);
    sees('active', body.active, false);
    const found = await okta.findUser(ada.userName);
    sees('users found', found.body.totalResults, 1);
  });

  await step('it reactivates her', async (sees) => {
    const { body } = await okta.reactivateUser(id);
    sees('active', body.active, true);
  });
}
