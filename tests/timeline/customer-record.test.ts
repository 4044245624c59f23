import { expect, test } from 'vitest';
import { auditOf, refusalOf } from '../api/answers.ts';
import { anOperator, theOwner } from '../api/people.ts';
import { aTenant, openWorld } from '../support/world.ts';

const world = await openWorld();
const { customers, suspension } = world.operator;

test('a new tenant has an empty customer record, and what is given is written part by part', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });
  const contacts = [{ name: 'Carla Contact', email: 'carla@customer.example', role: 'CTO' }];

  const empty = await customers.get.query({ tenantId });
  await customers.update.mutate({ tenantId, accountOwner: 'ann@ops.example', crmId: 'CRM-7', contacts });
  const after = await customers.update.mutate({ tenantId, billingId: 'B-9', crmId: null });

  expect(empty).toEqual({
    tenantId,
    accountOwner: null,
    crmId: null,
    billingId: null,
    supportId: null,
    contacts: [],
    updatedAt: null,
  });
  expect(after).toMatchObject({
    accountOwner: 'ann@ops.example',
    crmId: null,
    billingId: 'B-9',
    supportId: null,
    contacts,
  });
  expect(await customers.get.query({ tenantId })).toEqual(after);
  expect(
    (await auditOf(world, tenantId)).filter((action) => action === 'customer_record.updated'),
  ).toHaveLength(2);
});

test('the audit trail of a changed record names fields, and no contact', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });
  const contacts = [{ name: 'Secret Person', email: 'secret@customer.example' }];

  await customers.update.mutate({ tenantId, contacts, crmId: 'CRM-8' });

  const { items } = await world.operator.audit.list.query({ tenantId, action: 'customer_record.updated' });
  expect(items.map(({ details }) => details)).toEqual([{ changed: ['contacts', 'crmId'] }]);
});

test('two who change different fields at once both keep theirs', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });

  await Promise.all([
    customers.update.mutate({ tenantId, crmId: 'one' }),
    customers.update.mutate({ tenantId, supportId: 'two' }),
  ]);

  expect(await customers.get.query({ tenantId })).toMatchObject({ crmId: 'one', supportId: 'two' });
});

test('every lifecycle action appends to the record, beside operators’ notes, newest first', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });
  const { id, client } = await anOperator(world, 'billing');

  await client.suspension.suspend.mutate({
    tenantId,
    trigger: 'payment_failure',
    mode: 'read_only',
    note: 'invoice 7',
  });
  await client.customers.addNote.mutate({ tenantId, note: 'they promised to pay by Friday' });
  await suspension.reinstate.mutate({ tenantId, note: 'paid' });

  const { items } = await customers.notes.query({ tenantId });
  expect(items.map(({ action, text }) => [action, text])).toEqual([
    ['tenant.reinstated', 'paid'],
    [null, 'they promised to pay by Friday'],
    ['tenant.suspended', 'invoice 7'],
    ['tenant.created', ''],
  ]);
  expect(items[1]?.by).toEqual({ kind: 'operator', id });
  expect(await auditOf(world, tenantId)).toContain('customer_record.noted');
});

test('notes are paged without loss or repetition', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });
  for (const note of ['one', 'two', 'three']) await customers.addNote.mutate({ tenantId, note });

  const first = await customers.notes.query({ tenantId, limit: 2 });
  const second = await customers.notes.query({ tenantId, limit: 2, cursor: first.nextCursor ?? '' });

  expect([...first.items, ...second.items].map(({ text }) => text)).toEqual(['three', 'two', 'one', '']);
  expect(second.nextCursor).toBeNull();
});

test('a tenant’s own people see and change none of it, and an operator who only reads changes nothing', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  const reader = await anOperator(world, 'read_only');
  const tenantId = tenant.id;

  const refused = await Promise.all([
    refusalOf(owner.client.customers.get.query()),
    refusalOf(owner.client.customers.notes.query()),
    refusalOf(owner.client.customers.addNote.mutate({ note: 'mine' })),
    refusalOf(owner.client.customers.update.mutate({ crmId: 'mine' })),
    refusalOf(reader.client.customers.addNote.mutate({ tenantId, note: 'mine' })),
    refusalOf(reader.client.customers.update.mutate({ tenantId, crmId: 'mine' })),
  ]);

  expect(refused.map(({ reason }) => reason)).toEqual(Array.from({ length: 6 }, () => 'PERMISSION_DENIED'));
  expect((await reader.client.customers.get.query({ tenantId })).crmId).toBeNull();
});

test.each([
  ['accountOwner', { accountOwner: 'nobody' }],
  ['crmId', { crmId: '' }],
  ['contacts.0.email', { contacts: [{ name: 'A', email: 'x' }] }],
])('%s is refused by its name', async (field, input) => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });

  const refusal = await refusalOf(customers.update.mutate({ tenantId, ...input }));

  expect(refusal).toMatchObject({ reason: 'INVALID_INPUT', fields: [field] });
});
