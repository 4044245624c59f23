import { newId } from '../src/db/ids.ts';
import { createIdentityProvider, type IdentityProvider } from '../tests/support/identity-provider.ts';
import type { Bed } from './bed.ts';
import { times } from './work/work.ts';

export type SeededUser = { id: string; userName: string };

/** A live enterprise tenant with a large directory, and the secrets of the machines that call it. */
export type Tenant = {
  id: string;
  slug: string;
  scimToken: string;
  serviceClient: { clientId: string; secret: string };
  idp: IdentityProvider;
  connection: { id: string; loginUrl: string; acsUrl: string };
  users: readonly SeededUser[];
  /** Those of the users who sign in; whoever is deactivated is another. */
  signers: readonly SeededUser[];
};

export const userCount = 10_000;
const signerCount = 50;

/** Opens a tenant over the API, and fills its directory with statements, as fast as that goes. */
export async function seedTenant({ operator, owner, inTenant }: Bed): Promise<Tenant> {
  const slug = 'bench';
  const input = { name: 'Bench', slug, plan: 'enterprise', adminEmail: 'owner@bench.example' } as const;
  const { id } = await operator.tenants.create.mutate(input);
  const { open } = await operator.onboarding.get.query({ tenantId: id });
  for (const step of open)
    await operator.onboarding.waiveStep.mutate({ tenantId: id, step, note: 'a benchmark' });
  await operator.onboarding.goLive.mutate({ tenantId: id });
  const scim = await operator.connections.scim.createToken.mutate({ tenantId: id, label: 'bench' });
  const idp = await createIdentityProvider({
    entityId: 'https://idp.bench.example',
    ssoUrl: 'https://idp.bench.example/sso',
  });
  const metadataXml = idp.metadataXml();
  const connection = await operator.connections.sso.create.mutate({
    tenantId: id,
    name: 'bench',
    metadataXml,
  });
  const serviceClient = await operator.serviceClients.create.mutate({ name: 'bench' });
  const users = times(userCount, (index) => ({ id: newId(), userName: `seed-${index}@bench.example` }));
  await insertUsers(inTenant, id, users);
  await owner.query('analyze');
  return {
    id,
    slug,
    scimToken: scim.token,
    serviceClient,
    idp,
    connection,
    users,
    signers: users.slice(-signerCount),
  };
}

async function insertUsers(
  inTenant: Bed['inTenant'],
  tenantId: string,
  users: readonly SeededUser[],
): Promise<void> {
  const ids = users.map(({ id }) => id);
  const names = users.map(({ userName }) => userName);
  await inTenant(
    tenantId,
    `with seed as (select * from unnest($2::uuid[], $3::text[]) as s (id, name)),
     made as (
       insert into users (tenant_id, id, origin, email, email_key, user_name, user_name_key, external_id)
       select $1, id, 'scim', name, name, name, name, 'ext-' || name from seed
     )
     insert into user_emails (tenant_id, user_id, position, value, value_key, type, is_primary)
     select $1, id, 0, name, name, 'work', true from seed`,
    [tenantId, ids, names],
  );
}
