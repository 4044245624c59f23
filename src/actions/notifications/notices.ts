import type { NoticeContent, OperatorNoticeContent } from '../../domain/texts/mails.ts';
import type { OperatorRole } from '../../domain/actors.ts';
import { Operator } from '../../db/entities/control.ts';
import type { Notification } from '../../db/entities/notification.ts';
import { User } from '../../db/entities/user.ts';
import { Invitation } from '../../db/entities/work.ts';
import { newId } from '../../db/ids.ts';
import { later } from '../../db/jobs.ts';
import { atControlPlane, type ControlScope, type TenantScope } from '../../db/scope.ts';

/**
 * Promises a mail to each active owner and admin who has an address, and to who is still invited to be one. The same
 * occurrence is told to nobody twice.
 */
export async function tellAdmins(
  scope: TenantScope,
  notice: NoticeContent,
  occurrence: string,
): Promise<void> {
  const { em, tenant } = scope;
  const tenantId = tenant.id;
  const role = { $in: ['owner', 'admin'] as const };
  await em.flush();
  const admins = await em.find(User, { tenantId, role, active: true, email: { $ne: null } });
  const invited = await em.find(Invitation, { tenantId, role, acceptedAt: null, expiredAt: null });
  for (const { id } of admins) {
    const notificationId = await noteOnce(scope, { mail: notice.mail, occurrence, kind: 'user', id });
    if (notificationId) await later(scope, 'mail.send', { ...notice, tenantId, notificationId, userId: id });
  }
  for (const { id } of invited) {
    const notificationId = await noteOnce(scope, { mail: notice.mail, occurrence, kind: 'invitation', id });
    if (notificationId)
      await later(scope, 'mail.send', { ...notice, tenantId, notificationId, invitationId: id });
  }
}

/** Promises a mail to each operator of some roles, but for one; a tenant's scope keeps it under its tenant. */
export async function tellOperators(
  scope: TenantScope | ControlScope,
  notice: OperatorNoticeContent,
  { roles, except, occurrence }: { roles: readonly OperatorRole[]; except?: string; occurrence: string },
): Promise<void> {
  const find = ({ em }: ControlScope) =>
    em.find(Operator, { role: { $in: [...roles] }, revokedAt: null, bootstrap: false });
  const operators = scope.kind === 'control' ? await find(scope) : await atControlPlane(scope, find);
  for (const { id } of operators.filter((operator) => operator.id !== except)) {
    const notificationId = await noteOnce(scope, { mail: notice.mail, occurrence, kind: 'operator', id });
    if (notificationId) {
      const tenantId = scope.ownerId;
      await later(scope, 'mail.send', { ...notice, tenantId, notificationId, operatorId: id });
    }
  }
}

type Telling = {
  mail: Notification['mail'];
  occurrence: string;
  kind: Notification['recipientKind'];
  id: string;
};

/** Notes what is told to whom; `null` when it was told before. */
async function noteOnce(
  scope: TenantScope | ControlScope,
  { mail, occurrence, kind, id }: Telling,
): Promise<string | null> {
  const promisedAt = scope.kind === 'tenant' ? scope.tenantNow : scope.now;
  const [noted] = await scope.em.execute<{ id: string }[]>(
    `insert into notifications (tenant_id, id, mail, occurrence, recipient_kind, recipient_id, promised_at)
     values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing returning id`,
    [scope.ownerId, newId(), mail, occurrence, kind, id, promisedAt],
  );
  return noted?.id ?? null;
}
