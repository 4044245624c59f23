import { deleteExpired, deleteExpiredTenantless, listTenantIds } from '../actions/operations/housekeeping.ts';
import { type MailPlaces, writeResetMail, writeTenantMail } from '../actions/notifications/mail-writing.ts';
import { rotateSigningKeys } from '../actions/operations/signing-keys.ts';
import type { JobName, JobPayloads } from '../domain/jobs.ts';
import type { MailRequest } from '../domain/texts/mails.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Database, Entry } from '../db/scope.ts';
import type { Mailer } from '../infra/mailer.ts';
import { entryOfJob } from './entry.ts';
import { sweepDeadlines } from './sweep.ts';

export type TaskParts = { db: Database; mailer: Mailer; places: MailPlaces };

export type Tasks = {
  [Name in JobName]: (parts: TaskParts, job: { id: string; data: JobPayloads[Name] }) => Promise<void>;
};

/** What each job does, outside any transaction. A job may run twice: each is safe to repeat. */
export const tasks: Tasks = {
  'mail.send': async ({ db, mailer, places }, { id, data }) => {
    const mail = await writeMail(db, { id, request: data }, places);
    // The job's id is the mail's: sent again it is the same mail.
    if (mail) await mailer.send({ id, ...mail });
  },
  'deadlines.sweep': async ({ db }) => {
    const failures: unknown[] = [];
    await sweepDeadlines(db, (_, error) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'deadlines failed and stay due');
  },
  'expired.delete': async ({ db }, { id }) => {
    const entry = entryOfJob(id);
    await db.asControlPlane(entry, deleteExpiredTenantless);
    let after: string | null = null;
    do after = await tidyTenants(db, entry, after);
    while (after !== null);
  },
  'signing_keys.rotate': async ({ db }, { id }) => {
    await db.asControlPlane(entryOfJob(id), rotateSigningKeys);
  },
};

const tenantsAtOnce = 500;

/** Tidies some tenants; the last one visited, or `null` when there are no more. */
async function tidyTenants(db: Database, entry: Entry, after: string | null): Promise<string | null> {
  const ids = await db.asControlPlane(entry, (scope) => listTenantIds(scope, after, tenantsAtOnce));
  for (const tenantId of ids) await db.inTenant({ ...entry, tenantId }, deleteExpired);
  return ids.length < tenantsAtOnce ? null : (ids.at(-1) ?? null);
}

async function writeMail(
  db: Database,
  { id, request }: { id: string; request: MailRequest },
  places: MailPlaces,
) {
  const entry = entryOfJob(id);
  if (request.mail === 'reset_password') {
    return db.asControlPlane(entry, (scope) => writeResetMail(scope, request.personId, places));
  }
  if (!('tenantId' in request) || 'operatorId' in request) return null;
  try {
    return await db.inTenant({ ...entry, tenantId: request.tenantId }, (scope) =>
      writeTenantMail(scope, request, places),
    );
  } catch (error) {
    // The tenant is gone, and with it whom to tell.
    if (error instanceof Refusal && error.reason === 'NOT_FOUND') return null;
    throw error;
  }
}
