import { beActive } from '../actions/suspension/activity.ts';
import type { Database, Entry } from '../db/scope.ts';
import type { Log } from '../infra/log.ts';

/** A tenant that one of its people is using, and its present. */
export type UsedTenant = { tenantId: string; tenantNow: Date };

export type Activity = {
  /** Notes a use: written once an hour of the tenant's time, and no matter of the request's if that fails. */
  note(entry: Pick<Entry, 'now' | 'origin'>, used: UsedTenant): Promise<void>;
};

const HOUR = 3_600_000;
const mostRemembered = 20_000;

/** Notes which tenants are in use, with as little writing as inactivity by the day needs. */
export function createActivity({ db, log }: { db: Pick<Database, 'inTenant'>; log: Log }): Activity {
  /** Of each tenant the last hour that was noted, the longest untouched first. */
  const noted = new Map<string, number>();
  return {
    async note({ now, origin }, { tenantId, tenantNow }) {
      const hour = Math.floor(tenantNow.getTime() / HOUR);
      if (noted.get(tenantId) === hour) return;
      noted.delete(tenantId);
      noted.set(tenantId, hour);
      if (noted.size > mostRemembered) noted.delete(noted.keys().next().value ?? '');
      try {
        await db.inTenant({ actor: { kind: 'system' }, now, origin, tenantId }, beActive);
      } catch (error) {
        noted.delete(tenantId);
        log.warn({ err: error, tenantId }, 'a use of a tenant could not be noted');
      }
    },
  };
}

/** The same database, where every request of a session is a use of its tenant, whatever it was answered. */
export function noteSessions(db: Database, activity: Activity): Database {
  return {
    ...db,
    async inSession(entry, work) {
      const seen: { used?: UsedTenant } = {};
      try {
        return await db.inSession(entry, (scope) => {
          seen.used = { tenantId: scope.tenant.id, tenantNow: scope.tenantNow };
          return work(scope);
        });
      } finally {
        if (seen.used) await activity.note(entry, seen.used);
      }
    },
  };
}
