import { accessMode } from '../../src/domain/access.ts';
import { AuditEvent } from '../../src/db/entities/audit.ts';
import { Deadline } from '../../src/db/entities/control.ts';
import { Notification } from '../../src/db/entities/notification.ts';
import { LegalHold, Offboarding } from '../../src/db/entities/offboarding.ts';
import { Session } from '../../src/db/entities/session.ts';
import { WebhookDelivery } from '../../src/db/entities/webhook.ts';
import { PlanChange, Suspension } from '../../src/db/entities/work.ts';
import type { TenantScope } from '../../src/db/scope.ts';

/** Everything that must agree about one tenant, as it is stored. */
export async function readLife({ em, tenant }: TenantScope) {
  const where = { tenantId: tenant.id };
  const events = await em.find(AuditEvent, where);
  const count = (action: string) => events.filter((event) => event.action === action).length;
  const deliveries = await em.find(WebhookDelivery, where);
  return {
    tenant,
    suspensions: await em.find(Suspension, where),
    offboardings: await em.find(Offboarding, where),
    holds: await em.find(LegalHold, where),
    planChanges: await em.count(PlanChange, where),
    openSessions: await em.count(Session, { ...where, endedAt: null }),
    deadlines: await em.find(Deadline, where),
    notifications: await em.find(Notification, where),
    count,
    told: (type: string) => deliveries.filter(({ eventType }) => eventType === type).length,
  };
}
export type Life = Awaited<ReturnType<typeof readLife>>;

/** What does not agree; nothing is well. */
export function contradictionsIn(life: Life): string[] {
  return [...inStatus(life), ...inHistory(life), ...inDeadlines(life), ...inMails(life)];
}

type Check = readonly [what: string, holds: boolean];

const failed = (checks: readonly Check[]) => checks.filter(([, holds]) => !holds).map(([what]) => what);

function begun({ suspensions }: Life) {
  return suspensions.filter(({ startedAt, liftedAt }) => startedAt && !liftedAt);
}

function inStatus(life: Life): string[] {
  const { tenant, offboardings, openSessions } = life;
  const open = begun(life);
  const left = offboardings.some(({ phase }) => phase === 'executed' || phase === 'purging');
  const mode = open.some((one) => one.mode === 'blocked') ? 'blocked' : open.length > 0 ? 'read_only' : null;
  const expected = left ? 'none' : (mode ?? 'full');
  return failed([
    ['access is what the causes and the offboarding say', accessMode(tenant) === expected],
    ['a tenant that has left has no open session', !left || openSessions === 0],
    [
      'at most one offboarding is open',
      offboardings.filter(({ phase }) => phase !== 'cancelled').length <= 1,
    ],
  ]);
}

/** One audit event and one told event for each change, and none without. */
function inHistory(life: Life): string[] {
  const { suspensions, offboardings, holds, planChanges, count, told } = life;
  const started = suspensions.filter(({ startedAt }) => startedAt).length;
  const lifted = suspensions.filter(({ startedAt, liftedAt }) => startedAt && liftedAt).length;
  const cancelled = offboardings.filter(({ phase }) => phase === 'cancelled').length;
  const executed = offboardings.filter(({ executedAt }) => executedAt).length;
  const pairs: [string, number, number][] = [
    ['tenant.suspended', started, told('tenant.suspended')],
    ['tenant.reinstated', lifted, told('tenant.reinstated')],
    ['offboarding.scheduled', offboardings.length, told('tenant.offboarding_scheduled')],
    ['offboarding.cancelled', cancelled, told('tenant.offboarding_cancelled')],
    ['tenant.offboarded', executed, told('tenant.offboarded')],
    ['tenant.plan_changed', planChanges, told('tenant.plan_changed')],
    ['legal_hold.placed', holds.length, holds.length],
  ];
  return pairs.flatMap(([action, changes, webhooks]) =>
    count(action) === changes && webhooks === changes
      ? []
      : [`${action}: ${changes} changes, ${count(action)} events, ${webhooks} told`],
  );
}

function inDeadlines(life: Life): string[] {
  const { tenant, suspensions, offboardings, holds, deadlines } = life;
  const of = (kind: string) => deadlines.filter((deadline) => deadline.kind === kind);
  const notice = offboardings.find(({ phase }) => phase === 'scheduled');
  const ended = offboardings.find(({ phase }) => phase === 'executed');
  const onHold = holds.some(({ releasedAt }) => !releasedAt);
  const ends = begun(life).filter(({ endsAt }) => endsAt);
  const waits = suspensions.filter(({ startedAt, liftedAt }) => !startedAt && !liftedAt);
  const gone = tenant.status === 'offboarded';
  return failed([
    ['a trial has its end', (tenant.status === 'trial') === of('trial_end').length > 0],
    ['notice has its date', (notice !== undefined) === of('offboarding_execution').length > 0],
    [
      'the date is the notice’s',
      of('offboarding_execution').every(({ dueAt }) => +dueAt === +(notice?.effectiveAt ?? 0)),
    ],
    ['what has ended is purged, or held', !ended || onHold || of('purge').length === 1],
    ['nothing else is purged', ended !== undefined || of('purge').length === 0],
    ['each cause that ends by itself has its end', gone || of('suspension_end').length === ends.length],
    ['each scheduled cause has its start', gone || of('suspension_start').length === waits.length],
  ]);
}

/** Each change that is told to people was promised to each of them once: the unique key holds that it is not twice. */
function inMails(life: Life): string[] {
  const { suspensions, offboardings, notifications } = life;
  const recipients = 1;
  const mails = (mail: string) => notifications.filter((one) => one.mail === mail).length;
  const started = suspensions.filter(({ startedAt }) => startedAt).length;
  const executed = offboardings.filter(({ executedAt }) => executedAt).length;
  const pairs: [string, number][] = [
    ['suspended', started * recipients],
    ['offboarding_scheduled', offboardings.length * recipients],
    ['offboarded', executed * recipients],
  ];
  return pairs.flatMap(([mail, promised]) =>
    mails(mail) === promised ? [] : [`mail ${mail}: ${promised} changes, ${mails(mail)} promised`],
  );
}
