import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { aRegistration, aTenant, openWorld } from '../support/world.ts';
import { auditOf, refusalOf, refusalsOf } from './answers.ts';
import { anOperator, aPerson } from './people.ts';

const world = await openWorld();

test('a project is made, read, changed and removed, and each step is recorded', async () => {
  const { accessToken, tenant } = await aRegistration(world);
  const { projects } = world.as(accessToken);

  const made = await projects.create.mutate({ name: ' Bridge ' });
  const { id: projectId } = made;

  expect(made).toMatchObject({ name: 'Bridge', description: '' });
  expect(await projects.get.query({ projectId })).toEqual(made);
  expect(await projects.update.mutate({ projectId, description: 'over water' })).toMatchObject({
    name: 'Bridge',
    description: 'over water',
  });
  await projects.update.mutate({ projectId, name: 'Bridge' });
  expect(await projects.remove.mutate({ projectId })).toEqual({ id: projectId });
  expect((await refusalOf(projects.get.query({ projectId }))).reason).toBe('NOT_FOUND');
  expect((await refusalOf(projects.remove.mutate({ projectId }))).reason).toBe('NOT_FOUND');
  expect((await auditOf(world, tenant.id)).filter((action) => action.startsWith('project.'))).toEqual([
    'project.created',
    'project.updated',
    'project.removed',
  ]);
});

test('a tenant sees its own projects alone', async () => {
  const mine = world.as((await aRegistration(world)).accessToken);
  const theirs = world.as((await aRegistration(world)).accessToken);
  const { id: projectId } = await theirs.projects.create.mutate({ name: 'Theirs' });

  expect((await mine.projects.list.query()).items).toEqual([]);
  const refusals = await refusalsOf([
    mine.projects.get.query({ projectId }),
    mine.projects.update.mutate({ projectId, name: 'Mine' }),
    mine.projects.remove.mutate({ projectId }),
  ]);
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({ reason: 'NOT_FOUND', message: 'no such project' });
  }
  expect((await theirs.projects.get.query({ projectId })).name).toBe('Theirs');
});

test('a list goes on behind its cursor, and a cursor of another tenant shows nothing of it', async () => {
  const mine = world.as((await aRegistration(world)).accessToken);
  const theirs = world.as((await aRegistration(world)).accessToken);
  for (const name of ['one', 'two', 'three']) await theirs.projects.create.mutate({ name });
  const { items, nextCursor } = await theirs.projects.list.query({ limit: 2 });

  const rest = await theirs.projects.list.query({ cursor: nextCursor ?? '' });
  const foreign = await mine.projects.list.query({ cursor: nextCursor ?? '' });

  expect(items.map(({ name }) => name)).toEqual(['three', 'two']);
  expect(rest).toMatchObject({ items: [{ name: 'one' }], nextCursor: null });
  expect(foreign).toEqual({ items: [], nextCursor: null });
});

test('members write projects, admins remove them; operators act by their role, audited as theirs', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const tenantId = tenant.id;
  const member = await aPerson(world, tenantId, 'member');
  const admin = await aPerson(world, tenantId, 'admin');
  const billing = await anOperator(world, 'billing');
  const { id: projectId } = await member.client.projects.create.mutate({ name: 'Shared' });

  expect((await refusalOf(member.client.projects.remove.mutate({ projectId }))).reason).toBe(
    'PERMISSION_DENIED',
  );
  expect((await billing.client.projects.list.query({ tenantId })).items).toHaveLength(1);
  expect((await refusalOf(billing.client.projects.create.mutate({ tenantId, name: 'x' }))).reason).toBe(
    'PERMISSION_DENIED',
  );
  await world.operator.projects.create.mutate({ tenantId, name: 'By support' });
  await admin.client.projects.remove.mutate({ projectId });

  const { items } = await world.operator.audit.list.query({ tenantId, action: 'project.created' });
  expect(items.map(({ actor }) => actor.kind)).toEqual(['operator', 'user']);
});

test.each([
  ['name', { name: '' }],
  ['name', { name: 'x'.repeat(256) }],
  ['description', { name: 'x', description: 'x'.repeat(10_001) }],
])('%s out of bounds is refused by name', async (field, input) => {
  const { projects } = world.as((await aRegistration(world)).accessToken);

  expect(await refusalOf(projects.create.mutate(input))).toMatchObject({
    reason: 'INVALID_INPUT',
    fields: [field],
  });
  expect((await projects.list.query()).items).toEqual([]);
});

test('an id that is none is refused as input, one that nobody has as not found', async () => {
  const { projects } = world.as((await aRegistration(world)).accessToken);

  expect((await refusalOf(projects.get.query({ projectId: "' or 1=1" }))).reason).toBe('INVALID_INPUT');
  expect((await refusalOf(projects.get.query({ projectId: randomUUID() }))).reason).toBe('NOT_FOUND');
});
