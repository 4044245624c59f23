import { deleteExpired, deleteExpiredTenantless, listTenantIds } from '../actions/operations/housekeeping.ts';
import { rotateSigningKeys } from '../actions/operations/signing-keys.ts';
import type { JobName, JobPayloads } from '../domain/jobs.ts';
import type { Database, Entry } from '../db/scope.ts';
import { alignBilling } from './billing-alignment.ts';
import type { BillingParts } from './billing-events.ts';
import { compareBilling, reconcileBilling } from './billing-reconciler.ts';
import { entryOfJob } from './entry.ts';
import { deliverMail, type MailParts } from './mail-delivery.ts';
import { isLostTenant } from './lost-tenant.ts';
import { compareStorage, deleteBytes, tidyStorage } from './storage.ts';
import { sweepDeadlines } from './sweep.ts';

export type TaskParts = MailParts & BillingParts;

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
    await visitTenants(db, entry, async (inside) => void (await db.inTenant(inside, deleteExpired)));
  },
  'signing_keys.rotate': async ({ db }, { id }) => {
    await db.asControlPlane(entryOfJob(id), rotateSigningKeys);
  },
  'billing.reconcile': reconcileBilling,
  'billing.compare': compareBilling,
  'billing.align': alignBilling,
  'file.delete': ({ db }, { data }) => deleteBytes(db, data),
  'storage.compare': async ({ db, log }, { id }) => {
    const entry = entryOfJob(id);
    const failures: unknown[] = [];
    await visitTenants(db, entry, (inside) =>
      compareStorage({ db, log, entry: inside }).catch((error: unknown) => {
        if (isLostTenant(error)) return;
        failures.push(error);
      }),
    );
    await tidyStorage(db, entry.now);
    if (failures.length > 0)
      throw new AggregateError(failures, 'the storage of some tenants was not compared');
  },
};

const tenantsAtOnce = 500;

/** Does something in every tenant that is not being purged. */
async function visitTenants(
  db: Database,
  entry: Entry,
  visit: (entry: Entry & { tenantId: string }) => Promise<void>,
): Promise<void> {
  let ids: string[] = [];
  do {
    const after: string | null = ids.at(-1) ?? null;
    ids = await db.asControlPlane(entry, (scope) => listTenantIds(scope, after, tenantsAtOnce));
    for (const tenantId of ids) {
      try {
        await visit({ ...entry, tenantId });
      } catch (error) {
        if (!isLostTenant(error)) throw error;
      }
    }
  } while (ids.length === tenantsAtOnce);
}
