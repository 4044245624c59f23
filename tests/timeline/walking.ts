import { deliverMail } from '../../src/worker/mail-delivery.ts';
import { sweepDeadlines } from '../../src/worker/sweep.ts';
import type { MailPlaces } from '../../src/actions/notifications/written-mail.ts';
import { AuditEvent } from '../../src/db/entities/audit.ts';
import { Notification } from '../../src/db/entities/notification.ts';
import type { MailRequest } from '../../src/domain/texts/mails.ts';
import { createMailer } from '../../src/infra/mailer.ts';
import type { Query } from '../support/connection.ts';
import type { TestTenant, World } from '../support/world.ts';

/** What a moment brought, or is said to bring. */
export type Moment = {
  at: string;
  status: string;
  plan: string;
  /** Who was mailed what. */
  mails: string[];
};

type Rehearsed = Awaited<ReturnType<World['operator']['tenants']['timeline']['query']>>;

/** What a rehearsal says, moment by moment. */
export function momentsOf({ entries }: Rehearsed): Moment[] {
  const now = entries.find(({ when }) => when === 'now');
  let { status, plan } = { status: String(now?.facts['status']), plan: String(now?.facts['plan']) };
  const moments = Map.groupBy(
    entries.filter(({ when }) => when === 'future'),
    ({ at }) => at,
  );
  return [...moments].map(([at, told]) => {
    const last = (kind: string) => told.findLast((entry) => entry.kind === kind)?.facts['to'];
    status = wordOr(status, last('status'));
    plan = wordOr(plan, last('plan'));
    const mails = told.filter(({ kind }) => kind === 'mail');
    return {
      at,
      status,
      plan,
      mails: mails.map(({ facts }) => mailLine(facts['to'], facts['subject'])).toSorted(),
    };
  });
}

/** Walks a sandbox tenant through time for real, where no worker runs but what is called here. */
export function walker(world: World, owner: Query) {
  const mailer = createMailer({ smtpUrl: null, dataDir: world.dataDir, from: 'test@example.com' });
  const places: MailPlaces = {
    supportEmail: null,
    supportUrl: null,
    link: (action) => `https://x.example/${action}`,
  };

  /** Sends every mail that was promised, as the worker does. */
  const deliver = async () => {
    const jobs = await owner<{ id: string; data: MailRequest }>(
      `delete from pgboss.job where name = 'mail.send' returning id, data`,
    );
    for (const { id, data } of jobs)
      await deliverMail({ db: world.db, mailer, places }, { id, request: data });
  };

  /** Moves the tenant's clock to a moment, or less than a second past it, and lets happen what is due. */
  const advanceTo = async (tenantId: string, at: string) => {
    const { now } = await world.operator.tenants.get.query({ tenantId });
    const seconds = Math.ceil((Date.parse(at) - Date.parse(now)) / 1000);
    if (seconds > 0) await world.operator.tenants.advanceClock.mutate({ tenantId, by: `PT${seconds}S` });
    await sweepDeadlines(world.db, (due, error) => {
      throw new Error(`${due.kind} failed`, { cause: error });
    });
    await deliver();
  };

  /** Which mails the tenant's log says were sent. */
  const mailsOf = (tenantId: string) =>
    world.inTenant(tenantId, async ({ em }) => {
      const sent = await em.find(
        Notification,
        { tenantId, sentAt: { $ne: null } },
        { orderBy: { id: 'asc' } },
      );
      return sent.map(({ id, address, subject }) => ({ id, line: mailLine(address, subject) }));
    });

  const walk = async ({ id: tenantId }: TestTenant, moments: readonly string[]): Promise<Moment[]> => {
    const seen = new Set((await mailsOf(tenantId)).map(({ id }) => id));
    const walked: Moment[] = [];
    for (const at of moments) {
      await advanceTo(tenantId, at);
      const { status, plan } = await world.operator.tenants.get.query({ tenantId });
      const fresh = (await mailsOf(tenantId)).filter(({ id }) => !seen.has(id));
      for (const { id } of fresh) seen.add(id);
      walked.push({ at, status, plan, mails: fresh.map(({ line }) => line).toSorted() });
    }
    return walked;
  };

  /** The moments, in the tenant's time, of what the system did by itself. */
  const systemMoments = (tenantId: string) =>
    world.inTenant(tenantId, async ({ em }) => {
      const events = await em.find(AuditEvent, { tenantId, actorKind: 'system' }, { orderBy: { id: 'asc' } });
      return [...new Set(events.map(({ details }) => details['tenantTime']))];
    });

  return { deliver, advanceTo, walk, systemMoments };
}

function wordOr(otherwise: string, value: unknown): string {
  return typeof value === 'string' ? value : otherwise;
}

function mailLine(to: unknown, subject: unknown): string {
  return `${String(to)}: ${String(subject)}`;
}
