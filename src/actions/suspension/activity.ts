import { Suspension } from '../../db/entities/work.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockTenant } from '../locks.ts';
import { resetInactivity } from './inactivity-deadlines.ts';
import { liftEnded } from './lifting.ts';

/** Notes that somebody of the tenant signed in or called; a suspension for inactivity has lost its cause. */
export async function beActive(scope: TenantScope): Promise<void> {
  // Locked first: a suspension for inactivity sees this use, or is seen and lifted here.
  const tenant = await lockTenant(scope);
  await scope.em.execute(
    `insert into tenant_activity (tenant_id, last_active_at) values (?, ?)
     on conflict (tenant_id) do update set last_active_at = greatest(tenant_activity.last_active_at, excluded.last_active_at)`,
    [tenant.id, scope.tenantNow],
  );
  if (tenant.status !== 'suspended') return resetInactivity(scope);
  const open = { tenantId: tenant.id, trigger: 'inactivity' as const, liftedAt: null };
  if ((await scope.em.count(Suspension, open)) === 0) return;
  const asSystem: TenantScope = { ...scope, actor: { kind: 'system' } };
  await liftEnded(asSystem, { trigger: 'inactivity' }, 'somebody has signed in or called');
}
