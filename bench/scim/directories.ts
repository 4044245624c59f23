import { newId } from '../../src/db/ids.ts';
import type { Bed } from '../bed.ts';
import { times } from '../work/work.ts';

export type Person = { id: string; userName: string };

/** An enterprise tenant whose directory is as large as wanted, with one large group and one of ten. */
export type BenchDirectory = {
  id: string;
  slug: string;
  scimToken: string;
  people: readonly Person[];
  /** Its members are the first of the people. */
  largeGroup: { id: string; name: string; size: number };
  smallGroup: { id: string; name: string };
};

/** A group of this size is a small one. */
export const smallSize = 10;
const batch = 10_000;

/** Opens the tenant over the API, and fills its directory with statements. */
export async function openDirectory(
  { operator, inTenant, owner }: Bed,
  slug: string,
  { users, members }: { users: number; members: number },
): Promise<BenchDirectory> {
  const adminEmail = `owner@${slug}.example`;
  const tenant = await operator.tenants.create.mutate({ name: slug, slug, plan: 'enterprise', adminEmail });
  const tenantId = tenant.id;
  const { token } = await operator.connections.scim.createToken.mutate({ tenantId, label: 'bench' });
  const people = times(users, (index) => ({ id: newId(), userName: `person-${index}@${slug}.example` }));
  for (let start = 0; start < users; start += batch) {
    const some = people.slice(start, start + batch);
    const values = [tenantId, some.map(({ id }) => id), some.map(({ userName }) => userName)];
    await inTenant(tenantId, insertPeople, values);
  }
  const largeGroup = { id: newId(), name: 'All of them', size: members };
  const smallGroup = { id: newId(), name: 'A few of them' };
  for (const { id, name, size } of [largeGroup, { ...smallGroup, size: smallSize }]) {
    const ids = people.slice(0, size).map((person) => person.id);
    await inTenant(tenantId, insertGroup, [tenantId, id, name, ids]);
  }
  await owner.query('analyze');
  return { id: tenantId, slug, scimToken: token, people, largeGroup, smallGroup };
}

const insertPeople = `
  with seed as (select * from unnest($2::uuid[], $3::text[]) as s (id, name)),
  made as (
    insert into users (tenant_id, id, origin, email, email_key, user_name, user_name_key, external_id)
    select $1, id, 'scim', name, name, name, name, 'ext-' || name from seed
  )
  insert into user_emails (tenant_id, user_id, position, value, value_key, type, is_primary)
  select $1, id, 0, name, name, 'work', true from seed`;

const insertGroup = `
  with made as (
    insert into groups (tenant_id, id, display_name, display_name_key, created_at, updated_at)
    values ($1, $2, $3, lower($3), now(), now())
  )
  insert into group_users (tenant_id, group_id, user_id) select $1, $2, unnest($4::uuid[])`;
