import { deleteExpired, deleteExpiredTenantless, listTenantIds } from '../actions/operations/housekeeping.ts';
import { rotateSigningKeys } from '../actions/operations/signing-keys.ts';
import type { JobName, JobPayloads } from '../domain/jobs.ts';
import type { Database, Entry } from '../db/scope.ts';
import { entryOfJob } from './entry.ts';
import { deliverMail, type MailParts } from './mail-delivery.ts';
import { isLostTenant } from './lost-tenant.ts';
import { sweepDeadlines } from './sweep.ts';

export type TaskParts = MailParts;

export type Tasks = {
  [Name in JobName]: (parts: TaskParts, job: { id: string; data: JobPayloads[Name] }) => Promise<void>;
};

/** What each job does, outside any transaction. A job may run twice: each is safe to repeat. */
export const tasks: Tasks = {
  'mail.send': (parts, { id, data }) => deliverMail(parts, { id, request: data }),
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
  for (const tenantId of ids) {
    try {
      await db.inTenant({ ...entry, tenantId }, deleteExpired);
    } catch (error) {
      if (!isLostTenant(error)) throw error;
    }
  }
  return ids.length < tenantsAtOnce ? null : (ids.at(-1) ?? null);
}
