import { features, limitNames, type Plan, termsOf } from '../../domain/plans/catalogue.ts';
import { type Entitled, entitlements } from '../../domain/plans/entitlements.ts';
import { ScimToken, SsoConnection } from '../../db/entities/connection.ts';
import type { TenantScope } from '../../db/scope.ts';
import { findWithoutPassword } from '../people/password-setup.ts';
import { findMisfits } from './plan-fit.ts';

/**
 * What another plan means for a tenant: features gained and lost, limits that get smaller, what is over them and takes
 * no new writes, the connections that stand idle and the people who need a password because of it, the agreements that
 * stay, and the catalogue's prices.
 */
export async function describeEffects(scope: TenantScope, to: Entitled) {
  const { tenant } = scope;
  const [before, after] = [entitlements(tenant), entitlements(to)];
  const lost = features.filter((feature) => before.features[feature] && !after.features[feature]);
  const { graced } = await findMisfits(scope, to);
  return {
    gained: features.filter((feature) => !before.features[feature] && after.features[feature]),
    lost,
    smaller: limitNames.filter(
      (limit) => (after.limits[limit] ?? Infinity) < (before.limits[limit] ?? Infinity),
    ),
    readOnly: graced,
    scimTokensIdle: lost.includes('scim') ? await nameTokens(scope) : [],
    ssoConnectionsIdle: lost.includes('sso') ? await nameConnections(scope) : [],
    passwordsToSetUp: lost.includes('sso') ? (await findWithoutPassword(scope)).length : 0,
    overridesKept: to.planOverrides ? { expiresAt: to.planOverrides.expiresAt } : null,
    prices: { before: pricesOf(tenant), after: pricesOf(to) },
  };
}

async function nameTokens({ em, tenant }: TenantScope) {
  const tokens = await em.find(
    ScimToken,
    { tenantId: tenant.id, revokedAt: null },
    { orderBy: { id: 'asc' } },
  );
  return tokens.map(({ id, label }) => ({ id, label }));
}

async function nameConnections({ em, tenant }: TenantScope) {
  const live = { tenantId: tenant.id, state: 'live' as const };
  const connections = await em.find(SsoConnection, live, { orderBy: { id: 'asc' } });
  return connections.map(({ id, name }) => ({ id, name }));
}

function pricesOf({ plan, planVersion }: { plan: Plan; planVersion: number }) {
  return [...termsOf(plan, planVersion).prices];
}
