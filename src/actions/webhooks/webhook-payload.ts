import { CustomerNote, CustomerRecord } from '../../db/entities/customer.ts';
import type { TenantScope } from '../../db/scope.ts';
import { describeTenant } from '../descriptions.ts';

/** How many of the newest entries of the customer record an event carries. */
const notesCarried = 10;

/** What an event tells of a customer: of everything to the operator, and of what is no secret to the tenant. */
export type CustomerFacts = {
  accountOwner: string | null;
  contacts: CustomerRecord['contacts'];
};
export type FullCustomerFacts = CustomerFacts & {
  crmId: string | null;
  billingId: string | null;
  supportId: string | null;
  notes: { at: string; action: string | null; text: string; by: string }[];
};

/** The customer of whom nothing is known, or nothing any more. */
export const unknownCustomer: FullCustomerFacts = {
  accountOwner: null,
  contacts: [],
  crmId: null,
  billingId: null,
  supportId: null,
  notes: [],
};

/** What is told of an event: to the operator's endpoints, and to the tenant's own. */
export async function writePayloads(
  scope: TenantScope,
  details: Record<string, unknown>,
): Promise<{ forOperator: Record<string, unknown>; forTenant: Record<string, unknown> }> {
  const tenant = describeTenant(scope.tenant);
  const customer = await readCustomer(scope);
  const { accountOwner, contacts } = customer;
  return {
    forOperator: { tenant, details, customer },
    forTenant: { tenant, details, customer: { accountOwner, contacts } satisfies CustomerFacts },
  };
}

async function readCustomer({ em, tenant }: TenantScope): Promise<FullCustomerFacts> {
  const tenantId = tenant.id;
  const record = await em.findOne(CustomerRecord, { tenantId });
  const notes = await em.find(CustomerNote, { tenantId }, { orderBy: { id: 'desc' }, limit: notesCarried });
  return {
    accountOwner: record?.accountOwner ?? null,
    contacts: record?.contacts ?? [],
    crmId: record?.crmId ?? null,
    billingId: record?.billingId ?? null,
    supportId: record?.supportId ?? null,
    notes: notes.map(({ at, action, text, byKind }) => ({
      at: at.toISOString(),
      action: action ?? null,
      text,
      by: byKind,
    })),
  };
}
