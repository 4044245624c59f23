import { z } from 'zod';
import { pageInput } from '../../domain/pages.ts';
import { authorize, requirePermission } from '../../domain/permissions.ts';
import { mailNames, type MailRequest } from '../../domain/texts/mails.ts';
import { Notification } from '../../db/entities/notification.ts';
import { pageOf } from '../../db/pages.ts';
import { noTenant } from '../../db/policies.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';

/** A mail on its way: the job that carries it, and what it asks for. */
export type MailJob = { id: string; request: MailRequest };

/** What became of a mail. */
export type MailOutcome =
  | { became: 'sent'; address: string; subject: string }
  | { became: 'withheld'; because: string }
  | { became: 'failed'; error: string };

export const listNotificationsInput = pageInput.extend({ mail: z.enum(mailNames).optional() });

/** The tenant in whose scope a mail is written and noted; `null`: the control plane's. */
export function tenantOfMail(request: MailRequest): string | null {
  return 'tenantId' in request && request.tenantId !== noTenant ? request.tenantId : null;
}

/** Whether a mail has gone already: a job that runs again does not send it again. */
export async function isSent({ em, ownerId }: TenantScope | ControlScope, job: MailJob): Promise<boolean> {
  const sent = { tenantId: ownerId, id: rowId(job), sentAt: { $ne: null } };
  return (await em.count(Notification, sent)) > 0;
}

/** Notes what became of a mail. One that nobody noted when it was promised gets its row now, under its job's id. */
export async function noteOutcome(
  scope: TenantScope | ControlScope,
  job: MailJob,
  outcome: MailOutcome,
): Promise<void> {
  const { em, ownerId, now } = scope;
  const { request } = job;
  const { kind, id } = recipientOf(request);
  const sent = outcome.became === 'sent';
  // Of a tenant that is gone neither its name is kept here, nor the addresses of its last owners.
  const { address, subject, error } =
    request.mail === 'purge_certificate' ? nothingSaid : { ...nothingSaid, ...outcome };
  await em.execute(
    `insert into notifications (tenant_id, id, mail, occurrence, recipient_kind, recipient_id, promised_at, sent_at,
       address, subject, withheld_because, last_error)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (tenant_id, id) do update set sent_at = excluded.sent_at, address = excluded.address,
       subject = excluded.subject, withheld_because = excluded.withheld_because, last_error = excluded.last_error
     where notifications.sent_at is null`,
    [
      ownerId,
      rowId(job),
      request.mail,
      job.id,
      kind,
      id,
      scope.kind === 'tenant' ? scope.tenantNow : now,
      sent ? now : null,
      sent ? address : null,
      sent ? subject : null,
      outcome.became === 'withheld' ? outcome.because : null,
      outcome.became === 'failed' ? error.slice(0, 500) : null,
    ],
  );
}

const nothingSaid = { address: null, subject: null, error: 'it was not accepted' };

/**
 * What was mailed to whom about a tenant, newest first, or what concerns none. What operators were told is for
 * operators.
 */
export function listNotifications(
  scope: TenantScope | ControlScope,
  { mail, ...page }: z.infer<typeof listNotificationsInput>,
) {
  const { em, actor, ownerId } = scope;
  if (scope.kind === 'tenant') authorize(actor, scope.tenant, 'notification.read');
  else requirePermission(actor, 'notification.read');
  const where = {
    tenantId: ownerId,
    ...(mail ? { mail } : {}),
    ...(actor.kind === 'user' ? { recipientKind: { $ne: 'operator' as const } } : {}),
  };
  return pageOf({
    page,
    find: (newestFirst, after) => em.find(Notification, { ...where, ...after }, newestFirst),
    describe: describeNotification,
  });
}

function describeNotification(row: Notification) {
  return {
    id: row.id,
    mail: row.mail,
    state: stateOf(row),
    recipient: { kind: row.recipientKind, id: row.recipientId },
    address: row.address,
    subject: row.subject,
    promisedAt: row.promisedAt.toISOString(),
    sentAt: row.sentAt?.toISOString() ?? null,
    withheldBecause: row.withheldBecause,
    lastError: row.lastError,
  };
}

function stateOf({ sentAt, withheldBecause, lastError }: Notification) {
  if (sentAt) return 'sent';
  if (withheldBecause !== null) return 'withheld';
  return lastError === null ? 'promised' : 'failing';
}

function rowId({ id, request }: MailJob): string {
  return 'notificationId' in request ? request.notificationId : id;
}

function recipientOf(request: MailRequest): { kind: Notification['recipientKind']; id: string } {
  if (request.mail === 'purge_certificate') {
    return { kind: 'address', id: `${request.tombstoneId} ${request.recipient}` };
  }
  if ('operatorId' in request) return { kind: 'operator', id: request.operatorId };
  if ('personId' in request) return { kind: 'person', id: request.personId };
  return 'invitationId' in request
    ? { kind: 'invitation', id: request.invitationId }
    : { kind: 'user', id: request.userId };
}
