import { Suspension } from '../../db/entities/work.ts';
import type { TenantScope } from '../../db/scope.ts';
import { noteActivity } from './inactivity.ts';
import { liftEnded } from './reinstatement.ts';

/** Notes that somebody of the tenant signed in or called; a suspension for inactivity has lost its cause. */
export async function beActive(scope: TenantScope): Promise<void> {
  await noteActivity(scope);
  if (scope.tenant.status !== 'suspended') return;
  const open = { tenantId: scope.tenant.id, trigger: 'inactivity' as const, liftedAt: null };
  if ((await scope.em.count(Suspension, open)) === 0) return;
  const asSystem: TenantScope = { ...scope, actor: { kind: 'system' } };
  await liftEnded(asSystem, { trigger: 'inactivity' }, 'somebody has signed in or called');
}
