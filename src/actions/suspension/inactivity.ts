import { record } from '../../db/audit.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockTenant } from '../locks.ts';
import { tellAdmins } from '../notifications/notices.ts';
import {
  type InactivityNotice,
  inactivityNotices,
  isIdle,
  lastActive,
  resetInactivity,
} from './inactivity-deadlines.ts';
import { raiseSuspension } from './suspension.ts';

/** Warns the admins, unless the tenant was used since the deadline was set: then it moves. */
export async function noticeInactivity(scope: TenantScope, kind: InactivityNotice): Promise<void> {
  const daysLeft = inactivityNotices[kind];
  if (!(await isIdle(scope, daysLeft))) return resetInactivity(scope);
  const since = (await lastActive(scope)).toISOString();
  await record(scope, 'tenant.inactivity_notice_sent', { details: { daysLeft, since } });
  const endsAt = scope.tenantNow.toISOString();
  await tellAdmins(scope, { mail: 'inactivity_notice', daysLeft }, `${endsAt} ${daysLeft}`);
}

/** Suspends a tenant that nobody used for as long as its plan allows, read-only. */
export async function suspendInactive(scope: TenantScope): Promise<void> {
  // Locked first: a use at this moment is seen here, or sees the suspension and lifts it.
  await lockTenant(scope);
  if (!(await isIdle(scope, 0))) return resetInactivity(scope);
  const note = 'nobody has signed in or called for as long as the plan allows';
  await raiseSuspension(scope, { trigger: 'inactivity', mode: 'read_only', note, notify: true });
}
