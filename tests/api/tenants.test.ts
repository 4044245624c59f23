import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { aRegistration, aTenant, openWorld } from '../support/world.ts';
import { auditOf, call, refusalOf } from './answers.ts';
import { anOperator, aPerson, theOwner } from './people.ts';

const world = await openWorld();
const { tenants } = world.operator;

const aForm = (more: Record<string, unknown> = {}) => ({
  name: 'Acme',
  slug: `s-${randomUUID().slice(0, 13)}`,
  plan: 'enterprise' as const,
  adminEmail: 'admin@acme.example',
  ...more,
});

test.each([
  ['free', 'active'],
  ['starter', 'trial'],
  ['professional', 'trial'],
  ['enterprise', 'onboarding'],
] as const)('a tenant made on %s begins as %s', async (plan, status) => {
  const created = await tenants.create.mutate(aForm({ plan }));

  expect(created).toMatchObject({ name: 'Acme', plan, status, sandbox: false });
  expect(await tenants.get.query({ tenantId: created.id })).toMatchObject({
    id: created.id,
    slug: created.slug,
    plan,
    status,
  });
  expect((await auditOf(world, created.id)).slice(0, 1)).toEqual(['tenant.created']);
});

test('a slug that is taken is a conflict, also against one that registered', async () => {
  const { slug } = await tenants.create.mutate(aForm());
  const { tenant } = await aRegistration(world);

  for (const taken of [slug, tenant.slug]) {
    const refusal = await refusalOf(tenants.create.mutate(aForm({ slug: taken })));
    expect(refusal).toMatchObject({ reason: 'CONFLICT', httpStatus: 409, message: 'this slug is taken' });
  }
});

test('customer success and engineering open tenants, nobody else', async () => {
  const { accessToken } = await aRegistration(world);

  expect(
    (await (await anOperator(world, 'customer_success')).client.tenants.create.mutate(aForm())).status,
  ).toBe('onboarding');
  for (const client of [
    (await anOperator(world, 'billing')).client,
    (await anOperator(world, 'read_only')).client,
    world.as(accessToken),
  ]) {
    expect((await refusalOf(client.tenants.create.mutate(aForm()))).reason).toBe('PERMISSION_DENIED');
  }
});

test('another tenant’s user finds no such tenant, whether it exists or not', async () => {
  const { tenant } = await aRegistration(world);
  const { accessToken } = await aRegistration(world);
  const client = world.as(accessToken);

  const there = await refusalOf(client.tenants.get.query({ tenantId: tenant.id }));
  const nowhere = await refusalOf(client.tenants.get.query({ tenantId: randomUUID() }));
  const changed = await refusalOf(client.tenants.update.mutate({ tenantId: tenant.id, name: 'Mine' }));

  const { requestId: _, ...shown } = there;
  expect(shown).toEqual({
    message: 'no such tenant',
    reason: 'NOT_FOUND',
    code: 'NOT_FOUND',
    httpStatus: 404,
    path: 'tenants.get',
  });
  expect(nowhere).toMatchObject(shown);
  expect(changed.reason).toBe('NOT_FOUND');
  expect((await refusalOf(tenants.get.query({ tenantId: randomUUID() }))).reason).toBe('NOT_FOUND');
});

test('an operator must name the tenant', async () => {
  expect(await refusalOf(tenants.get.query())).toMatchObject({ reason: 'INVALID_INPUT', httpStatus: 400 });
});

test('a list is paged newest first, without loss or repetition while tenants are added', async () => {
  const mark = `page${randomUUID().slice(0, 8)}`;
  const made: string[] = [];
  for (let count = 0; count < 5; count += 1)
    made.push((await tenants.create.mutate(aForm({ plan: 'free', name: `${mark} ${count}` }))).id);

  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await tenants.list.query({ search: mark, limit: 2, cursor });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
    if (seen.length === 2) await tenants.create.mutate(aForm({ plan: 'free', name: `${mark} late` }));
  } while (cursor);

  expect(seen).toEqual(made.toReversed());
});

test('search looks for a part of name or slug, whatever its case, and takes wildcards as text', async () => {
  const mark = randomUUID().slice(0, 8);
  const odd = await tenants.create.mutate(aForm({ plan: 'free', name: `${mark} 100%_Größe` }));
  await tenants.create.mutate(aForm({ plan: 'starter', name: `${mark} 100 things`, slug: `slug-${mark}` }));
  const find = async (input: object) => (await tenants.list.query(input)).items.map(({ name }) => name);

  expect(await find({ search: '100%_grÖSSE' })).toEqual([]);
  expect(await find({ search: `${mark} 100%_grÖß` })).toEqual([odd.name]);
  expect(await find({ search: `SLUG-${mark}` })).toEqual([`${mark} 100 things`]);
  expect(await find({ search: mark, plan: 'starter' })).toEqual([`${mark} 100 things`]);
  expect(await find({ search: mark, status: 'active' })).toEqual([odd.name]);
  expect(await find({ search: String.raw`\\` })).toEqual([]);
});

test.each([
  [{ cursor: 'garbage' }, 'cursor'],
  [{ cursor: Buffer.from("' or 1=1").toString('base64url') }, 'cursor'],
  [{ cursor: '\0' }, 'cursor'],
  [{ limit: 0 }, 'limit'],
  [{ limit: 201 }, 'limit'],
  [{ limit: 1.5 }, 'limit'],
])('the page %j is refused by name', async (page, field) => {
  const refusal = await refusalOf(tenants.list.query(page));

  expect(refusal.reason).toBe('INVALID_INPUT');
  expect(refusal.message).toMatch(new RegExp(`^${field}: `));
});

test('a slug cannot change, and is kept when it is given as it is', async () => {
  const { id: tenantId, slug } = await aTenant(world, { plan: 'free' });

  const refusal = await refusalOf(tenants.update.mutate({ tenantId, slug: `${slug}-new`, name: 'New' }));
  const kept = await tenants.update.mutate({ tenantId, slug, name: 'New' });

  expect(refusal).toMatchObject({ reason: 'INVALID_INPUT' });
  expect(kept).toMatchObject({ slug, name: 'New' });
});

test('settings change part by part, and each change is recorded once', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const { client } = await theOwner(world, tenant);

  await client.tenants.update.mutate({
    settings: { timeZone: 'Asia/Kolkata', contacts: { billing: 'pay@acme.example' } },
  });
  const after = await client.tenants.update.mutate({
    settings: { locale: 'de-AT', contacts: { security: 'sec@acme.example' } },
  });
  await client.tenants.update.mutate({ settings: { locale: 'de-AT' } });

  expect(after.settings).toMatchObject({
    timeZone: 'Asia/Kolkata',
    locale: 'de-AT',
    contacts: { billing: 'pay@acme.example', security: 'sec@acme.example', technical: null },
  });
  expect((await auditOf(world, tenant.id)).filter((action) => action === 'tenant.updated')).toHaveLength(2);
});

test.each([
  ['settings.timeZone', { timeZone: 'Mars/Olympus' }],
  ['settings.locale', { locale: 'not a tag' }],
  ['settings.contacts.billing', { contacts: { billing: 'nobody' } }],
  ['settings.retentionDays', { retentionDays: 0 }],
  ['settings.redirectOrigins.0', { redirectOrigins: ['http://evil.example'] }],
  [
    'settings.redirectOrigins',
    { redirectOrigins: Array.from({ length: 21 }, (_, i) => `https://h${i}.example`) },
  ],
])('%s is refused by its name and changes nothing', async (field, settings) => {
  const { tenant, accessToken } = await aRegistration(world);

  const answer = await call(world.url, 'tenants.update', {
    token: accessToken,
    input: { name: 'Changed', settings },
  });

  expect(answer.status).toBe(400);
  expect(answer.body.error.data).toMatchObject({ reason: 'INVALID_INPUT', fields: [field] });
  const { name, settings: kept } = await tenants.get.query({ tenantId: tenant.id });
  expect([name, kept]).toEqual([tenant.name, tenant.settings]);
});

test('members read the tenant and do not change it', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const { client } = await aPerson(world, tenant.id, 'member');

  expect((await client.tenants.get.query()).id).toBe(tenant.id);
  expect((await refusalOf(client.tenants.update.mutate({ name: 'Mine' }))).reason).toBe('PERMISSION_DENIED');
  expect((await refusalOf(client.tenants.list.query())).reason).toBe('PERMISSION_DENIED');
});
