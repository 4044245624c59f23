import { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import { emailAddress, line } from '../../domain/names.ts';
import { pageInput } from '../../domain/pages.ts';
import { authorize } from '../../domain/permissions.ts';
import { record } from '../../db/audit.ts';
import { CustomerNote, CustomerRecord } from '../../db/entities/customer.ts';
import { newId } from '../../db/ids.ts';
import { pageOf } from '../../db/pages.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockTenant } from '../locks.ts';

const contact = z.object({
  name: line(255),
  email: emailAddress,
  role: line(255).nullable().default(null),
});

/** What is given is written, the rest stays; `null` takes a value away, contacts are replaced whole. */
export const updateCustomerInput = z.object({
  accountOwner: emailAddress.nullable().optional(),
  crmId: line(200).nullable().optional(),
  billingId: line(200).nullable().optional(),
  supportId: line(200).nullable().optional(),
  contacts: z.array(contact).max(50).optional(),
});
export const addNoteInput = z.object({ note: line(4000) });
export const listNotesInput = pageInput;

/** What the company knows of a tenant as its customer. */
export async function getCustomer(scope: TenantScope) {
  authorize(scope.actor, scope.tenant, 'customer.read');
  const { em, tenant } = scope;
  const found = await em.findOne(CustomerRecord, { tenantId: tenant.id });
  return describeRecord(scope, found);
}

/** Changes the customer record: the account owner, contacts, ids in other systems. */
export async function updateCustomer(scope: TenantScope, input: z.infer<typeof updateCustomerInput>) {
  authorize(scope.actor, scope.tenant, 'customer.write');
  const { em, now } = scope;
  const { id: tenantId } = await lockTenant(scope);
  const found = await em.findOne(CustomerRecord, { tenantId }, { refresh: true });
  const customer = found ?? em.create(CustomerRecord, { tenantId, contacts: [], updatedAt: now });
  const change = changeOf(input);
  Object.assign(customer, change, { updatedAt: now });
  await record(scope, 'customer_record.updated', {
    target: { kind: 'customer_record', id: tenantId },
    details: { changed: Object.keys(change).toSorted() },
  });
  await em.flush();
  return describeRecord(scope, customer);
}

/** Adds an operator's note to the customer record. */
export async function addNote(scope: TenantScope, { note }: z.infer<typeof addNoteInput>) {
  authorize(scope.actor, scope.tenant, 'customer.write');
  const { em, actor, tenant, tenantNow } = scope;
  const added = em.create(CustomerNote, {
    tenantId: tenant.id,
    id: newId(),
    at: tenantNow,
    action: null,
    text: note,
    byKind: actor.kind,
    byId: actorId(actor),
  });
  await record(scope, 'customer_record.noted', { target: { kind: 'customer_note', id: added.id } });
  await em.flush();
  return describeNote(added);
}

/** What happened with the customer, newest first: every lifecycle action by itself, and operators' notes. */
export function listNotes(scope: TenantScope, input: z.infer<typeof listNotesInput>) {
  authorize(scope.actor, scope.tenant, 'customer.read');
  const { em, tenant } = scope;
  return pageOf({
    page: input,
    find: (newestFirst, after) => em.find(CustomerNote, { tenantId: tenant.id, ...after }, newestFirst),
    describe: describeNote,
  });
}

/** The fields of the record that are given. */
function changeOf({
  accountOwner,
  crmId,
  billingId,
  supportId,
  contacts,
}: z.infer<typeof updateCustomerInput>) {
  const fields = Object.entries({ accountOwner, crmId, billingId, supportId, contacts });
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function describeRecord({ tenant }: TenantScope, found: CustomerRecord | null) {
  return {
    tenantId: tenant.id,
    accountOwner: found?.accountOwner ?? null,
    crmId: found?.crmId ?? null,
    billingId: found?.billingId ?? null,
    supportId: found?.supportId ?? null,
    contacts: found?.contacts ?? [],
    updatedAt: found?.updatedAt.toISOString() ?? null,
  };
}

function describeNote({ id, at, action, text, byKind, byId }: CustomerNote) {
  return { id, at: at.toISOString(), action: action ?? null, text, by: { kind: byKind, id: byId ?? null } };
}
