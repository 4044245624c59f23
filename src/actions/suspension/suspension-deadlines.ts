import { setDeadline } from '../../db/deadlines.ts';
import { Suspension } from '../../db/entities/work.ts';
import type { TenantScope } from '../../db/scope.ts';
import { findOpen } from './lifting.ts';

/**
 * Sets again what the end of a tenant had cleared: when suspensions begin and end, and when payments were promised.
 * What was due meanwhile is due now.
 */
export async function restoreSuspensionDeadlines(scope: TenantScope): Promise<void> {
  const { em, tenant, tenantNow } = scope;
  const notBeforeNow = (moment: Date) => (moment > tenantNow ? moment : tenantNow);
  for (const { id, startedAt, startsAt, endsAt } of await findOpen(scope)) {
    if (!startedAt) await setDeadline(scope, 'suspension_start', notBeforeNow(startsAt), id);
    else if (endsAt) await setDeadline(scope, 'suspension_end', notBeforeNow(endsAt), id);
  }
  const promises = await em.find(Suspension, {
    tenantId: tenant.id,
    promisedUntil: { $ne: null },
    promiseKeptAt: null,
    promiseBrokenAt: null,
  });
  for (const { id, promisedUntil } of promises)
    if (promisedUntil) await setDeadline(scope, 'payment_promise', notBeforeNow(promisedUntil), id);
}
