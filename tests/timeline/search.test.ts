import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { aPerson } from '../api/people.ts';
import { controlRole, noTenant } from '../../src/db/policies.ts';
import { connect, inRole } from '../support/connection.ts';
import { aTenant, anOwner, openWorld } from '../support/world.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const login = await connect(world.database.loginUrl);

async function idsFor(search: string): Promise<string[]> {
  const { items } = await world.operator.tenants.list.query({ search });
  return items.map(({ id }) => id);
}

test('a tenant is found by the whole e-mail address of one of its people, whatever its case', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const other = await aTenant(world, { plan: 'free' });
  const { email } = await aPerson(world, tenant.id, 'member');

  expect(await idsFor(email)).toEqual([tenant.id]);
  expect(await idsFor(email.toUpperCase())).toEqual([tenant.id]);
  expect(await idsFor(email.slice(1))).toEqual([]);
  expect(await idsFor(other.ownerEmail)).toEqual([other.id]);
});

test('who was invited and has not accepted is found, and once when they have', async () => {
  const tenant = await aTenant(world, { plan: 'free' });

  const invited = await idsFor(tenant.ownerEmail);
  await anOwner(world, tenant);

  expect(invited).toEqual([tenant.id]);
  expect(await idsFor(tenant.ownerEmail)).toEqual([tenant.id]);
});

test('a tenant is found by the domain of its people, and every tenant that has people of it', async () => {
  const first = await aTenant(world, { plan: 'free' });
  const second = await aTenant(world, { plan: 'free' });
  const domain = `${first.slug}.example`;
  await world.operator.tenants.update.mutate({ tenantId: first.id, name: 'Another name' });

  expect(await idsFor(domain.toUpperCase())).toEqual([first.id]);
  expect(await idsFor(`${second.slug}.exampl`)).toEqual([]);
});

test('name, slug and status narrow a search as before', async () => {
  const mark = randomUUID().slice(0, 8);
  const { id } = await world.operator.tenants.create.mutate({
    name: `${mark} a@b`,
    slug: `s-${mark}`,
    plan: 'free',
    adminEmail: `ann@${mark}.example`,
  });

  const { items } = await world.operator.tenants.list.query({ search: `${mark}.example`, status: 'trial' });

  expect(items).toEqual([]);
  expect(await idsFor(`${mark} A@B`)).toEqual([id]);
  expect(await idsFor(`S-${mark}`)).toEqual([id]);
});

test('a search by address reads indexes, in a role that may not read users at all', async () => {
  await login('set enable_seqscan = off');
  const find = `select tenant_id from tenant_addresses where email_key = 'a@b.example' or domain = 'a@b.example'`;

  const plan = await inRole(login, { role: controlRole, tenantId: noTenant }, (query) =>
    query(`explain ${find}`),
  );
  const users = inRole(login, { role: controlRole, tenantId: noTenant }, (query) =>
    query('select id from users'),
  );

  const text = JSON.stringify(plan);
  expect(text).toContain('tenant_addresses_email_index');
  expect(text).toContain('tenant_addresses_domain_index');
  await expect(users).rejects.toMatchObject({ code: '42501' });
});
