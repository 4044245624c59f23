import { executeDueOffboarding } from '../../src/actions/offboarding/offboarding-execution.ts';
import type { TenantryClient } from '../../src/cli/client.ts';
import { AuditEvent } from '../../src/db/entities/audit.ts';
import { Notification } from '../../src/db/entities/notification.ts';
import { noTenant } from '../../src/db/policies.ts';
import type { AuditAction } from '../../src/domain/audit-actions.ts';
import { refusalOf } from '../api/answers.ts';
import { anOperator } from '../api/people.ts';
import { aTenant, type TestTenant, type World } from '../support/world.ts';

/** The approval that a call was refused for want of. */
export async function approvalOf(call: Promise<unknown>): Promise<string> {
  const { reason, approvalId, message } = await refusalOf(call);
  if (reason !== 'APPROVAL_REQUIRED') throw new Error(`refused with ${reason}: ${message}`);
  return String(approvalId);
}

/** What operators do who ask for approval, and what is looked at. */
export function asking(world: World) {
  const { operator } = world;

  /** Asks to end a tenant at once, which needs no state before. */
  const askToLeave = ({ id: tenantId }: { id: string }, client: TenantryClient = operator) =>
    approvalOf(
      client.offboarding.schedule.mutate({ tenantId, trigger: 'terms_violation', note: 'spam was sent' }),
    );

  const onNotice = async (): Promise<TestTenant> => {
    const tenant = await aTenant(world, { plan: 'free' });
    const input = { tenantId: tenant.id, trigger: 'contract_end', note: 'not renewed' } as const;
    await operator.offboarding.schedule.mutate(input);
    return tenant;
  };

  const offboarded = async (): Promise<TestTenant> => {
    const tenant = await onNotice();
    await world.inTenant(tenant.id, executeDueOffboarding);
    return tenant;
  };

  const onHold = async (): Promise<TestTenant> => {
    const tenant = await aTenant(world, { plan: 'free' });
    await operator.offboarding.placeHold.mutate({ tenantId: tenant.id, note: 'a court asked' });
    return tenant;
  };

  const getApproval = async (id: string) => {
    const { items } = await operator.approvals.list.query({ limit: 100 });
    const found = items.find((item) => item.id === id);
    if (!found) throw new Error('no such approval');
    return found;
  };

  return { askToLeave, onNotice, offboarded, onHold, getApproval };
}

/** Events of an action in the trail of a tenant, or of the control plane. */
export function eventsOf(world: World, tenantId: string | null, action: AuditAction): Promise<AuditEvent[]> {
  const where = { tenantId: tenantId ?? noTenant, action };
  if (tenantId) return world.inTenant(tenantId, ({ em }) => em.find(AuditEvent, where));
  return world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) => em.find(AuditEvent, where));
}

/** Who was told of an approval by a mail. */
export async function toldOf(
  world: World,
  tenantId: string | null,
  { mail, approvalId }: { mail: Notification['mail']; approvalId: string },
): Promise<string[]> {
  const where = { tenantId: tenantId ?? noTenant, mail, occurrence: approvalId };
  const told = tenantId
    ? await world.inTenant(tenantId, ({ em }) => em.find(Notification, where))
    : await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
        em.find(Notification, where),
      );
  return told.map(({ recipientId }) => recipientId);
}

/** Three operators: who asks, who may approve, and who may not. */
export async function aCast(world: World) {
  return {
    asker: await anOperator(world, 'engineering'),
    other: await anOperator(world, 'engineering'),
    care: await anOperator(world, 'customer_success'),
    clerk: await anOperator(world, 'billing'),
  };
}
