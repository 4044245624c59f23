import {
  isSent,
  type MailJob,
  noteOutcome,
  tenantOfMail,
} from '../actions/notifications/notification-log.ts';
import { writeMail } from '../actions/notifications/mail-writing.ts';
import type { MailPlaces } from '../actions/notifications/written-mail.ts';
import { noteCertificateDelivered } from '../actions/purge/certificate-mail.ts';
import type { MailRequest } from '../domain/texts/mails.ts';
import { isStillSent, type Standing } from '../domain/mail-standing.ts';
import { Refusal } from '../domain/refusal.ts';
import type { ControlScope, Database, TenantScope } from '../db/scope.ts';
import type { Mailer } from '../infra/mailer.ts';
import { entryOfJob } from './entry.ts';

export type MailParts = { db: Database; mailer: Mailer; places: MailPlaces };

/**
 * Writes a mail, hands it over, and notes that it went: in this order, so that a crash between sends it again, as the
 * same mail, rather than never.
 */
export async function deliverMail({ db, mailer, places }: MailParts, job: MailJob): Promise<void> {
  const mail = await inItsPlace(db, job, async (scope) => {
    if (await isSent(scope, job)) return null;
    const writing = await writeMail(scope, job.request, places);
    if (!('withheld' in writing)) return writing;
    await noteOutcome(scope, job, { became: 'withheld', because: writing.withheld });
    return null;
  });
  if (!mail) return;
  try {
    // The job's id is the mail's: sent again it is the same mail.
    await mailer.send({ id: job.id, about: aboutWhom(job.request), ...mail });
  } catch (error) {
    const text = error instanceof Error ? error.message : 'it was not accepted';
    await inItsPlace(db, job, (scope) => noteOutcome(scope, job, { became: 'failed', error: text }));
    throw error;
  }
  const { to: address, subject } = mail;
  await inItsPlace(db, job, async (scope) => {
    await noteOutcome(scope, job, { became: 'sent', address, subject });
    const { request } = job;
    if (scope.kind === 'control' && request.mail === 'purge_certificate')
      await noteCertificateDelivered(scope, request);
  });
}

/** Whose mail it is: it goes when they go. A certificate outlives its tenant. */
function aboutWhom(request: MailRequest): string | undefined {
  if (request.mail === 'purge_certificate') return undefined;
  return 'tenantId' in request ? request.tenantId : request.personId;
}

/** Works in the scope of the tenant that a mail is about, or of none; `null` where its tenant is gone. */
async function inItsPlace<T>(
  db: Database,
  { id, request }: MailJob,
  work: (scope: TenantScope | ControlScope) => Promise<T>,
): Promise<T | null> {
  const entry = entryOfJob(id);
  const tenantId = tenantOfMail(request);
  if (tenantId === null) return db.asControlPlane(entry, work);
  try {
    return await db.inTenant({ ...entry, tenantId }, work);
  } catch (error) {
    const standing = standingAfter(error);
    if (standing && !isStillSent(request.mail, standing)) return null;
    throw error;
  }
}

function standingAfter(error: unknown): Standing | null {
  if (!(error instanceof Refusal)) return null;
  if (error.reason === 'NOT_FOUND') return 'gone';
  return error.reason === 'TENANT_OFFBOARDED' ? 'purging' : null;
}
