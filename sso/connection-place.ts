import { z } from 'zod';
import { findConnectionTenant } from '../src/actions/connections/sso-connections.ts';
import type { TenantScope } from '../src/db/scope.ts';
import { Refusal } from '../src/domain/refusal.ts';
import type { SsoContext, SsoParts } from './env.ts';

/** The addresses of one connection's service provider. */
export type ConnectionUrls = { entityId: string; acsUrl: string; loginUrl: string };

/** A connection that exists: whose it is, where it answers, and the way into its tenant's scope. */
export type ConnectionPlace = {
  connectionId: string;
  urls: ConnectionUrls;
  inTenant: <T>(work: (scope: TenantScope) => Promise<T>) => Promise<T>;
};

/** Finds the connection in the path. `NOT_FOUND` alike for one that is unknown and for what is no id at all. */
export async function findConnectionPlace(c: SsoContext, parts: SsoParts): Promise<ConnectionPlace> {
  const { entry } = c.var;
  const id = z.uuid().safeParse(c.req.param('connectionId'));
  const connectionId = id.success ? id.data.toLowerCase() : null;
  const anonymous = { ...entry, actor: { kind: 'anonymous' } } as const;
  const tenantId =
    connectionId &&
    (await parts.db.asControlPlane(anonymous, (scope) => findConnectionTenant(scope, connectionId)));
  if (!connectionId || !tenantId) throw new Refusal('NOT_FOUND', 'there is no such SSO connection');
  const actor = { kind: 'sso', id: connectionId } as const;
  return {
    connectionId,
    urls: urlsOf(parts.publicUrl, connectionId),
    inTenant: (work) => parts.db.inTenant({ ...entry, tenantId, actor }, work),
  };
}

/** Where a connection answers; its metadata's address is its entity ID (metadata §4.1). */
export function urlsOf(publicUrl: string, connectionId: string): ConnectionUrls {
  const base = `${publicUrl}/sso/${connectionId}`;
  return { entityId: `${base}/metadata`, acsUrl: `${base}/acs`, loginUrl: `${base}/login` };
}
