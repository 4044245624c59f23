import { z } from 'zod';
import { type Actor, serviceClientScopes } from '../../domain/actors.ts';
import { line } from '../../domain/names.ts';
import type { PageInput } from '../../domain/pages.ts';
import { requirePermission } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { ServiceClient } from '../../db/entities/control.ts';
import { newId } from '../../db/ids.ts';
import { pageOf } from '../../db/pages.ts';
import type { ControlScope, Database } from '../../db/scope.ts';

export const createServiceClientInput = z.object({
  name: line(255),
  scopes: z.array(z.enum(serviceClientScopes)).min(1).default(['introspect']),
});
export const serviceClientInput = z.object({ clientId: z.uuid() });

/** Which service client a secret belongs to, if it may introspect; else `null`. Notes once a minute that it is used. */
export async function authenticateServiceClient(
  { glance, ports }: Pick<Database, 'glance' | 'ports'>,
  { clientId, secret }: { clientId: string | null; secret: string },
  now: Date,
): Promise<Actor | null> {
  const [found] = await glance.atControlPlane<{ id: string }>({
    name: 'service_client_by_secret',
    text: `
      with found as (
        select id from service_clients
        where secret_hash = $1 and revoked_at is null and 'introspect' = any(scopes)
      ), used as (
        update service_clients set last_used_at = $2
        where id = (select id from found) and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 minute')
      )
      select id from found`,
    values: [ports.tokens.hash(secret), now],
  });
  if (!found || (clientId !== null && clientId !== found.id)) return null;
  return { kind: 'service_client', id: found.id };
}

/** Lets a host application's servers in; the secret is shown once. */
export async function createServiceClient(
  scope: ControlScope,
  input: z.infer<typeof createServiceClientInput>,
) {
  requirePermission(scope.actor, 'service_client.write');
  const secret = scope.ports.tokens.create('sc');
  const client = scope.em.create(ServiceClient, {
    id: newId(),
    name: input.name,
    scopes: input.scopes,
    secretHash: scope.ports.tokens.hash(secret),
    createdAt: scope.now,
  });
  await record(scope, 'service_client.created', {
    target: { kind: 'service_client', id: client.id },
    details: { name: input.name, scopes: input.scopes },
  });
  return { clientId: client.id, secret, name: client.name, scopes: client.scopes };
}

/** All service clients, newest first. */
export function listServiceClients(scope: ControlScope, page: PageInput) {
  requirePermission(scope.actor, 'operator.read');
  return pageOf({
    page,
    find: (newestFirst, after) => scope.em.find(ServiceClient, after, newestFirst),
    describe: describeServiceClient,
  });
}

/** A new secret; the old one stops working with this call. */
export async function rotateServiceClient(
  scope: ControlScope,
  { clientId }: z.infer<typeof serviceClientInput>,
) {
  requirePermission(scope.actor, 'service_client.write');
  const client = await findClient(scope, clientId);
  const secret = scope.ports.tokens.create('sc');
  client.secretHash = scope.ports.tokens.hash(secret);
  await record(scope, 'service_client.rotated', { target: { kind: 'service_client', id: clientId } });
  return { clientId, secret };
}

/** Takes a service client's access away. */
export async function revokeServiceClient(
  scope: ControlScope,
  { clientId }: z.infer<typeof serviceClientInput>,
) {
  requirePermission(scope.actor, 'service_client.write');
  const client = await findClient(scope, clientId);
  client.revokedAt = scope.now;
  await record(scope, 'service_client.revoked', { target: { kind: 'service_client', id: clientId } });
  return describeServiceClient(client);
}

async function findClient({ em }: ControlScope, id: string): Promise<ServiceClient> {
  const client = await em.findOne(ServiceClient, { id, revokedAt: null });
  if (!client) throw new Refusal('NOT_FOUND', 'no such service client');
  return client;
}

function describeServiceClient(client: ServiceClient) {
  return {
    clientId: client.id,
    name: client.name,
    scopes: client.scopes,
    createdAt: client.createdAt.toISOString(),
    revokedAt: client.revokedAt?.toISOString() ?? null,
    lastUsedAt: client.lastUsedAt?.toISOString() ?? null,
  };
}
