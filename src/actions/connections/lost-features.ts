import type { Feature } from '../../domain/plans/catalogue.ts';
import { record } from '../../db/audit.ts';
import { ScimToken, SsoConnection } from '../../db/entities/connection.ts';
import type { TenantScope } from '../../db/scope.ts';
import { offerPasswords } from '../people/password-setup.ts';

/**
 * Notes which connections stand idle from now on because the tenant lost their feature, and offers a password to who
 * has none and could sign in by single sign-on alone. Nothing of them is changed: what
 * a tenant is entitled to is asked at each use, so that they work again when the feature comes back.
 */
export async function tellOfLostFeatures(scope: TenantScope, lost: readonly Feature[]): Promise<void> {
  const { em, tenant } = scope;
  const tokens = lost.includes('scim')
    ? await em.find(ScimToken, { tenantId: tenant.id, revokedAt: null }, { orderBy: { id: 'asc' } })
    : [];
  const connections = lost.includes('sso')
    ? await em.find(SsoConnection, { tenantId: tenant.id, state: 'live' }, { orderBy: { id: 'asc' } })
    : [];
  await record(scope, 'connections.disabled_by_plan', {
    target: { kind: 'tenant', id: tenant.id },
    details: {
      features: [...lost],
      scimTokens: tokens.map(({ id }) => id),
      ssoConnections: connections.map(({ id }) => id),
    },
  });
  if (lost.includes('sso')) await offerPasswords(scope);
}
