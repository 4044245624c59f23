import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { IdempotencyKey } from '../../src/db/entities/audit.ts';
import { aTenant, anOwner, openWorld } from '../support/world.ts';

const world = await openWorld();
const tenant = await aTenant(world, { plan: 'starter' });
const { accessToken } = await anOwner(world, tenant);
const owner = world.as(accessToken);
const operator = world.operator;

const aKey = () => `key-${randomUUID()}`;
const conflict = expect.objectContaining({
  data: expect.objectContaining({ code: 'CONFLICT', reason: 'CONFLICT' }),
});

async function projectsNamed(name: string) {
  const { items } = await owner.projects.list.query({ limit: 100 });
  return items.filter((project) => project.name === name);
}

function tenantInput(slug = `t-${randomUUID().slice(0, 13)}`) {
  return { name: 'Repeated', slug, plan: 'starter' as const, adminEmail: `admin@${slug}.example` };
}

describe('projects.create', () => {
  test('with the same key gives the same answer twice, and makes one project', async () => {
    const input = { name: `P ${aKey()}`, idempotencyKey: aKey() };

    const first = await owner.projects.create.mutate(input);
    const second = await owner.projects.create.mutate(input);

    expect(second).toEqual(first);
    expect(await projectsNamed(input.name)).toHaveLength(1);
  });

  test('ten times at once with one key, over two services, makes exactly one project', async () => {
    const input = { tenantId: tenant.id, name: `P ${aKey()}`, idempotencyKey: aKey() };
    const second = await world.another({ ROLE: 'web' });
    const beside = world.as(world.bootstrapToken, second.url);

    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? operator : beside).projects.create.mutate(input),
      ),
    );

    expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
    expect(await projectsNamed(input.name)).toHaveLength(1);
  });

  test('is one event in the audit trail, however often it is repeated', async () => {
    const input = { name: `P ${aKey()}`, idempotencyKey: aKey() };

    const { id } = await owner.projects.create.mutate(input);
    await owner.projects.create.mutate(input);

    const { items } = await owner.audit.list.query({ action: 'project.created' });
    expect(items.filter(({ target }) => target?.id === id)).toHaveLength(1);
  });

  test('takes a repetition whose fields stand in another order for the same', async () => {
    const name = `P ${aKey()}`;
    const idempotencyKey = aKey();

    const first = await owner.projects.create.mutate({ name, description: 'd', idempotencyKey });
    const second = await owner.projects.create.mutate({ idempotencyKey, description: 'd', name });

    expect(second).toEqual(first);
  });

  test.each([
    ['another name', { name: 'other' }],
    ['one field more', { description: 'more' }],
  ])('refuses a known key with %s as a conflict, and makes nothing', async (_, change) => {
    const input = { name: `P ${aKey()}`, idempotencyKey: aKey() };
    await owner.projects.create.mutate(input);
    const before = await owner.projects.list.query({ limit: 100 });

    await expect(owner.projects.create.mutate({ ...input, ...change })).rejects.toEqual(conflict);

    expect(await owner.projects.list.query({ limit: 100 })).toEqual(before);
  });

  test('refuses the key of another procedure as a conflict', async () => {
    const { id: projectId } = await owner.projects.create.mutate({ name: `P ${aKey()}` });
    const idempotencyKey = aKey();
    await owner.projects.update.mutate({ projectId, idempotencyKey });

    await expect(owner.projects.remove.mutate({ projectId, idempotencyKey })).rejects.toEqual(conflict);

    expect(await owner.projects.get.query({ projectId })).toMatchObject({ id: projectId });
  });

  test('without a key happens each time', async () => {
    const name = `P ${aKey()}`;

    await owner.projects.create.mutate({ name });
    await owner.projects.create.mutate({ name });

    expect(await projectsNamed(name)).toHaveLength(2);
  });
});

describe('a key', () => {
  test('is free again when its mutation was refused', async () => {
    const idempotencyKey = aKey();
    const tenantId = tenant.id;
    const cause = { trigger: 'customer_request', mode: 'read_only', note: 'a test of keys' } as const;
    await operator.suspension.suspend.mutate({ tenantId, ...cause });
    const input = { name: `P ${idempotencyKey}`, idempotencyKey };
    await expect(owner.projects.create.mutate(input)).rejects.toMatchObject({
      data: { reason: 'TENANT_READ_ONLY' },
    });
    await operator.suspension.reinstate.mutate({ tenantId, note: 'over' });

    const made = await owner.projects.create.mutate(input);

    expect(await projectsNamed(input.name)).toEqual([made]);
  });

  test('belongs to its actor: the same key of another does its own work', async () => {
    const input = { name: `P ${aKey()}`, idempotencyKey: aKey() };

    const ofOwner = await owner.projects.create.mutate(input);
    const ofOperator = await operator.projects.create.mutate({ ...input, tenantId: tenant.id });

    expect(ofOperator.id).not.toBe(ofOwner.id);
    expect(await projectsNamed(input.name)).toHaveLength(2);
  });

  test('belongs to its tenant: the same key of the same operator works in each', async () => {
    const other = await aTenant(world, { plan: 'starter' });
    const input = { name: `P ${aKey()}`, idempotencyKey: aKey() };

    const here = await operator.projects.create.mutate({ ...input, tenantId: tenant.id });
    const there = await operator.projects.create.mutate({ ...input, tenantId: other.id });

    expect(there.id).not.toBe(here.id);
    const { items } = await operator.projects.list.query({ tenantId: other.id });
    expect(items.map(({ id }) => id)).toEqual([there.id]);
  });

  test('keeps its first answer sealed: what is shown once is nowhere to be read', async () => {
    const enterprise = await aTenant(world);
    const input = { tenantId: enterprise.id, label: 'sealed', idempotencyKey: aKey() };

    const first = await operator.connections.scim.createToken.mutate(input);
    const second = await operator.connections.scim.createToken.mutate(input);

    const stored = await world.inTenant(enterprise.id, ({ em }) =>
      em.find(IdempotencyKey, { key: input.idempotencyKey }),
    );
    expect(second).toEqual(first);
    expect(stored).toHaveLength(1);
    expect(JSON.stringify(stored)).not.toContain(first.token);
  });

  test.each([
    ['empty', ''],
    ['too long', 'k'.repeat(201)],
    ['not storable', 'a\0b'],
  ])('that is %s is refused', async (_, idempotencyKey) => {
    await expect(owner.projects.create.mutate({ name: 'P', idempotencyKey })).rejects.toMatchObject({
      data: { code: 'BAD_REQUEST', reason: 'INVALID_INPUT' },
    });
  });
});

describe('tenants.create', () => {
  test('with the same key gives the same tenant twice', async () => {
    const input = { ...tenantInput(), idempotencyKey: aKey() };

    const first = await operator.tenants.create.mutate(input);
    const second = await operator.tenants.create.mutate(input);

    expect(second).toEqual(first);
  });

  test('ten times at once with one key opens exactly one tenant, and invites its admin once', async () => {
    const input = { ...tenantInput(), idempotencyKey: aKey() };

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => operator.tenants.create.mutate(input)),
    );

    const { items } = await operator.tenants.list.query({ search: input.slug });
    const [id] = new Set(answers.map((answer) => answer.id));
    expect(answers.every((answer) => answer.id === id)).toBe(true);
    expect(items.map((item) => item.id)).toEqual([id]);
    const { items: invited } = await operator.audit.list.query({
      tenantId: id,
      action: 'invitation.created',
    });
    expect(invited).toHaveLength(1);
  });

  test('refuses a known key with another input, and one whose slug is taken frees it', async () => {
    const input = { ...tenantInput(), idempotencyKey: aKey() };
    const taken = { ...tenantInput(tenant.slug), idempotencyKey: aKey() };
    await operator.tenants.create.mutate(input);
    await expect(operator.tenants.create.mutate(taken)).rejects.toEqual(conflict);

    await expect(operator.tenants.create.mutate({ ...input, name: 'Other' })).rejects.toEqual(conflict);
    const made = await operator.tenants.create.mutate({
      ...tenantInput(),
      idempotencyKey: taken.idempotencyKey,
    });

    expect(made).toMatchObject({ plan: 'starter', status: 'trial' });
  });
});
