import { createEntraClient, type DirectoryPerson } from '../../support/scim-client.ts';
import type { Stage } from '../stage.ts';
import type { Provisioned } from './okta.ts';
import type { Owner } from './owner.ts';

export type Entra = ReturnType<typeof createEntraClient>;
export type EntraDirectory = { entra: Entra; grace: Provisioned };

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const grace: DirectoryPerson = {
  userName: 'grace@kestrel.example',
  externalId: 'grace-oyelaran',
  givenName: 'Grace',
  familyName: 'Oyelaran',
  email: 'grace@kestrel.example',
};

/** The same directory, spoken to in Microsoft Entra ID's dialect. */
export async function provisionFromEntra({ chapter }: Stage, { client }: Owner): Promise<EntraDirectory> {
  const step = chapter('Microsoft Entra ID provisions people in its own dialect');

  const entra = await step('a second token, for Entra', async (sees) => {
    const { token, baseUrl } = await client.connections.scim.createToken.mutate({ label: 'Entra ID' });
    const { items } = await client.connections.scim.listTokens.query();
    sees(
      'tokens',
      items.map(({ label }) => label),
      ['Entra ID', 'Okta'],
    );
    return createEntraClient({ baseUrl, token, fetch });
  });

  await step('Entra tests the connection with a user name that nobody has, a GUID', async (sees) => {
    const { status, body } = await entra.testConnection();
    sees('status', status, 200);
    sees('users found', body.totalResults, 0);
  });

  const id = await step('it creates Grace, with nulls where it knows nothing', async (sees) => {
    const { status, body, text } = await entra.createUser(grace);
    sees('status', status, 201);
    sees('and gets none back', !text.includes('null'), true);
    return body.id ?? '';
  });

  await step('capital operations, filtered and URN paths are one change', async (sees) => {
    const { status, body } = await entra.updateUser(
      id,
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'g.oyelaran@kestrel.example' },
      { op: 'Add', path: 'name.givenName', value: 'Grace Ada' },
      { op: 'Add', path: `${enterprise}:department`, value: 'Operations' },
    );
    sees('status', status, 200);
    sees('e-mails', body['emails'], [{ value: 'g.oyelaran@kestrel.example', type: 'work', primary: true }]);
    sees('department', body[enterprise], { department: 'Operations' });
  });

  await step('"False" as a text deactivates her; the answer is a real boolean', async (sees) => {
    const off = await entra.disableUser(id);
    sees('active', off.body.active, false);
    const on = await entra.enableUser(id);
    sees('and "True"', on.body.active, true);
  });

  return { entra, grace: { ...grace, id } };
}
