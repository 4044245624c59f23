import type { Suspension } from '../../db/entities/work.ts';
import type { TenantScope } from '../../db/scope.ts';
import { announce } from '../lifecycle/announcement.ts';
import { decide } from '../lifecycle/transition.ts';
import { tellAdmins } from '../notifications/notices.ts';
import { endSessions } from '../people/sessions.ts';

/** Lets an open suspension block, which so far let the tenant's people read: every session ends. */
export async function tightenSuspension(
  scope: TenantScope,
  suspension: Suspension,
  note: string,
): Promise<void> {
  const { tenant } = await decide(scope, 'suspend');
  suspension.mode = 'blocked';
  tenant.suspensionMode = 'blocked';
  await endSessions(scope, {}, 'tenant_blocked');
  const { id, trigger } = suspension;
  await announce(scope, 'suspension_tightened', {
    target: { kind: 'suspension', id },
    details: { trigger, mode: 'blocked', note },
    note,
  });
  await scope.em.flush();
  if (suspension.notify) await tellAdmins(scope, { mail: 'suspended', suspensionId: id }, `${id} blocked`);
}
