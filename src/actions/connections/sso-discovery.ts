import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { SsoConnection } from '../../db/entities/connection.ts';
import { Tenant } from '../../db/entities/tenant.ts';
import type { ControlScope } from '../../db/scope.ts';

/**
 * The live connection over which a tenant's people sign in, the one last used first. `null` alike where there is no
 * such tenant, none of its connections is live, or its status or plan stands in the way: a stranger learns no more.
 */
export async function findLoginConnection({ em }: ControlScope, slug: string): Promise<string | null> {
  const tenant = await em.findOne(Tenant, { slug });
  const connection = await em.findOne(
    SsoConnection,
    { tenantId: tenant?.id ?? null, state: 'live' },
    { orderBy: [{ lastLoginAt: 'desc nulls last' }, { id: 'desc' }] },
  );
  return tenant && connection && maySignIn(tenant, connection) ? connection.id : null;
}

function maySignIn(tenant: Tenant, { id }: SsoConnection): boolean {
  try {
    authorize({ kind: 'sso', id }, tenant, 'sso.sign_in');
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
