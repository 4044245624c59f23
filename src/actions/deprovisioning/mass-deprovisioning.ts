import { lossesTolerated, tolerates, windowStart } from '../../domain/deprovisioning.ts';
import { countLosses, countPeople } from '../../db/directory/losses.ts';
import { DirectoryWatch } from '../../db/entities/directory-watch.ts';
import { newId } from '../../db/ids.ts';
import type { TenantScope } from '../../db/scope.ts';
import { announce } from '../lifecycle/announcement.ts';
import { lockTenant } from '../locks.ts';
import { tellAdmins, tellOperators } from '../notifications/notices.ts';
import { closeTasksAbout, openTask } from '../suspension/tasks.ts';

/**
 * Looks at what a directory has taken, after it took somebody: more than five people and more than a fifth of them
 * within ten minutes is told to the admins and to the operators, once for as long as it goes on. Access is cut all the
 * same. The tenant is locked, so that of many who take at once each sees those before it.
 */
export async function watchLosses(scope: TenantScope): Promise<void> {
  await lockTenant(scope);
  const since = windowStart(scope.now);
  if ((await countLosses(scope, since, lossesTolerated + 1)) <= lossesTolerated) return;
  const watch = await scope.em.findOne(DirectoryWatch, { tenantId: scope.tenant.id }, { refresh: true });
  if (watch?.alarmId && watch.lastLossAt && watch.lastLossAt > since) {
    watch.lastLossAt = scope.now;
    return;
  }
  // People are counted once in ten minutes; who has come since is counted before anybody is alarmed.
  if (watch && watch.countedAt > since) {
    const tolerated = tolerates(watch.people);
    if ((await countLosses(scope, since, tolerated + 1)) <= tolerated) return;
  }
  await countAnew(scope, watch, since);
}

/** Ends the alarm that stands, since what it was about has been undone. */
export async function endAlarm(scope: TenantScope, note: string): Promise<void> {
  const watch = await scope.em.findOne(DirectoryWatch, { tenantId: scope.tenant.id }, { refresh: true });
  if (!watch?.alarmId) return;
  await closeTasksAbout(scope, watch.alarmId, note);
  Object.assign(watch, { alarmId: null, raisedAt: null, firstLossAt: null, lastLossAt: null });
}

async function countAnew(scope: TenantScope, known: DirectoryWatch | null, since: Date): Promise<void> {
  const { em, tenant, now } = scope;
  const { active, taken, firstLossAt } = await countPeople(scope, since);
  const people = active + taken;
  const counted = { countedAt: now, people };
  const watch = known
    ? em.assign(known, counted)
    : em.create(DirectoryWatch, { tenantId: tenant.id, ...counted });
  if (taken <= tolerates(people)) return;
  const alarmId = newId();
  Object.assign(watch, { alarmId, raisedAt: now, firstLossAt, lastLossAt: now });
  await raiseAlarm(scope, alarmId, { taken, people, since: (firstLossAt ?? now).toISOString() });
}

async function raiseAlarm(
  scope: TenantScope,
  alarmId: string,
  details: { taken: number; people: number; since: string },
): Promise<void> {
  await announce(scope, 'mass_deprovisioning', { details: { alarmId, ...details } });
  await tellAdmins(scope, { mail: 'mass_deprovisioning', alarmId }, alarmId);
  await openTask(scope, 'directory_review', { priority: 'P1', subjectId: alarmId });
  await tellOperators(
    scope,
    { mail: 'mass_deprovisioning_alert', alarmId },
    { roles: ['customer_success', 'engineering'], occurrence: alarmId },
  );
}
