import { z } from 'zod';
import { line } from '../../domain/names.ts';
import { type PageInput, pageInput } from '../../domain/pages.ts';
import { authorize } from '../../domain/permissions.ts';
import { disabledBy } from '../../domain/plans/entitlements.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import {
  type ConnectionState,
  connectionStates,
  jitModes,
  SsoAttempt,
  SsoConnection,
} from '../../db/entities/connection.ts';
import { newId } from '../../db/ids.ts';
import { pageOf } from '../../db/pages.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';
import type { IdpMetadata, SpKeyMaterial } from '../../infra/idp-metadata.ts';
import { tickStep } from '../lifecycle/onboarding.ts';
import { endSessions } from '../people/sessions.ts';

const idpFields = {
  metadataXml: z.string().max(1_000_000).optional(),
  entityId: line(1024).optional(),
  ssoUrl: line(2048).optional(),
  certificates: z.array(z.string().max(20_000)).min(1).max(10).optional(),
};
export const createConnectionInput = z.object({
  name: line(255),
  state: z.enum(connectionStates).optional(),
  jit: z.enum(jitModes).default('on'),
  ...idpFields,
});
export const connectionInput = z.object({ connectionId: z.uuid() });
export const updateConnectionInput = connectionInput.extend({
  name: line(255).optional(),
  state: z.enum(connectionStates).optional(),
  jit: z.enum(jitModes).optional(),
  ...idpFields,
});
export const listAttemptsInput = pageInput.extend({ connectionId: z.uuid().optional() });

type Change = {
  name?: string | undefined;
  state?: ConnectionState | undefined;
  jit?: (typeof jitModes)[number] | undefined;
  idp: IdpMetadata | null;
};

/** Opens a connection to an identity provider: live when its metadata is known, else a draft with our own values. */
export async function createConnection(
  scope: TenantScope,
  change: Change & { name: string },
  key: SpKeyMaterial,
) {
  const { em, tenant, now } = scope;
  authorize(scope.actor, tenant, 'sso_connection.write');
  const id = newId();
  const state = change.state ?? (change.idp ? 'live' : 'draft');
  const connection = em.create(SsoConnection, {
    tenantId: tenant.id,
    id,
    name: change.name,
    state,
    jit: change.jit ?? 'on',
    ...idpColumns(change.idp),
    spCertificate: key.certificatePem,
    spKeySealed: scope.key.seal(key.privateKeyPem, `sso_connection:${id}`),
    createdAt: now,
    updatedAt: now,
  });
  requireReady(connection);
  await record(scope, 'sso_connection.created', {
    target: { kind: 'sso_connection', id },
    details: { name: change.name, state, idpEntityId: connection.idpEntityId ?? null },
  });
  if (state === 'live') await tickStep(scope, 'sso_configured');
  return describeConnection(connection);
}

/** Changes a connection. One that was a draft goes live with the identity provider's metadata, unless told otherwise. */
export async function updateConnection(scope: TenantScope, id: string, change: Change) {
  authorize(scope.actor, scope.tenant, 'sso_connection.write');
  const connection = await findConnection(scope, id);
  const before = describeConnection(connection);
  if (change.idp) Object.assign(connection, idpColumns(change.idp));
  if (change.name !== undefined) connection.name = change.name;
  if (change.jit !== undefined) connection.jit = change.jit;
  connection.state = change.state ?? (change.idp && connection.state === 'draft' ? 'live' : connection.state);
  requireReady(connection);
  connection.updatedAt = scope.now;
  const after = describeConnection(connection);
  await record(scope, 'sso_connection.updated', {
    target: { kind: 'sso_connection', id },
    details: { before, after },
  });
  if (connection.state === 'live') await tickStep(scope, 'sso_configured');
  return after;
}

/** The tenant's connections, newest first. Those that the plan is without are `disabled` by it. */
export function listConnections(scope: TenantScope, page: PageInput) {
  authorize(scope.actor, scope.tenant, 'connection.read');
  const tenantId = scope.tenant.id;
  return pageOf({
    page,
    find: (newestFirst, after) => scope.em.find(SsoConnection, { tenantId, ...after }, newestFirst),
    describe: (one) => ({ ...describeConnection(one), disabled: disabledBy(scope.tenant, 'sso') }),
  });
}

/** Removes a connection; sessions that it began end. */
export async function removeConnection(
  scope: TenantScope,
  { connectionId }: z.infer<typeof connectionInput>,
) {
  authorize(scope.actor, scope.tenant, 'sso_connection.remove');
  const connection = await findConnection(scope, connectionId);
  await endSessions(scope, { connectionId }, 'connection_removed');
  scope.em.remove(connection);
  await record(scope, 'sso_connection.removed', {
    target: { kind: 'sso_connection', id: connectionId },
    details: { name: connection.name },
  });
  return { id: connectionId };
}

/** Every sign-in attempt of the last 30 days, newest first, with its trace. */
export function listAttempts(scope: TenantScope, input: z.infer<typeof listAttemptsInput>) {
  authorize(scope.actor, scope.tenant, 'connection.read');
  const tenantId = scope.tenant.id;
  const of = input.connectionId ? { connection: { id: input.connectionId } } : {};
  return pageOf({
    page: input,
    find: (newestFirst, after) => scope.em.find(SsoAttempt, { tenantId, ...of, ...after }, newestFirst),
    describe: (attempt) => ({
      id: attempt.id,
      connectionId: attempt.connection.id,
      at: attempt.at.toISOString(),
      outcome: attempt.outcome,
      reason: attempt.reason,
      userId: attempt.userId,
      trace: attempt.trace,
    }),
  });
}

/** Which tenant a connection belongs to, or `null`. */
export async function findConnectionTenant({ em }: ControlScope, id: string): Promise<string | null> {
  const connection = await em.findOne(SsoConnection, { id }, { fields: ['tenantId'] });
  return connection?.tenantId ?? null;
}

/**
 * A connection with what a sign-in over it needs; its private key opened. Refuses by status and plan, and one that
 * is a draft or switched off.
 */
export async function openConnection(scope: TenantScope, id: string) {
  const connection = await findConnection(scope, id);
  authorize(scope.actor, scope.tenant, 'sso.sign_in');
  return {
    id: connection.id,
    idp: requireUsable(connection),
    spCertificate: connection.spCertificate,
    spPrivateKey: scope.key.openText(connection.spKeySealed, `sso_connection:${id}`),
    certificates: connection.idpCertificates,
    settings: scope.tenant.settings,
  };
}

/**
 * What is public of a connection: its certificate, for the service provider's metadata. A draft has it too: an
 * identity provider asks for our values first. Refuses by status and plan.
 */
export async function readConnectionCertificate(scope: TenantScope, id: string): Promise<string> {
  const { spCertificate } = await findConnection(scope, id);
  authorize(scope.actor, scope.tenant, 'sso.sign_in');
  return spCertificate;
}

/** The identity provider of a connection that people may sign in over, in the states `test` and `live`. */
export function requireUsable(connection: SsoConnection) {
  const { state, idpEntityId: entityId, idpSsoUrl: ssoUrl, idpSsoBinding: ssoBinding } = connection;
  if (state === 'disabled') {
    throw new Refusal('INVALID_CREDENTIALS', 'this connection is switched off', {
      code: 'connection_disabled',
    });
  }
  if (state === 'draft' || !entityId || !ssoUrl || !ssoBinding) {
    throw new Refusal('INVALID_CREDENTIALS', 'this connection is a draft', { code: 'connection_draft' });
  }
  return { entityId, ssoUrl, ssoBinding };
}

/** A connection of this tenant, or `NOT_FOUND`. */
export async function findConnection({ em, tenant }: TenantScope, id: string): Promise<SsoConnection> {
  const connection = await em.findOne(SsoConnection, { tenantId: tenant.id, id });
  if (!connection) throw new Refusal('NOT_FOUND', 'no such connection');
  return connection;
}

function idpColumns(idp: IdpMetadata | null) {
  if (!idp) return {};
  return {
    idpEntityId: idp.entityId,
    idpSsoUrl: idp.ssoUrl,
    idpSsoBinding: idp.ssoBinding,
    idpCertificates: idp.certificates.map(({ pem }) => pem),
  };
}

function requireReady(connection: SsoConnection): void {
  if (connection.state === 'draft' || connection.state === 'disabled' || connection.idpEntityId) return;
  throw new Refusal(
    'INVALID_INPUT',
    `a connection without the identity provider's metadata cannot be ${connection.state}`,
  );
}

function describeConnection(connection: SsoConnection) {
  return {
    id: connection.id,
    name: connection.name,
    state: connection.state,
    jit: connection.jit,
    idpEntityId: connection.idpEntityId ?? null,
    idpSsoUrl: connection.idpSsoUrl ?? null,
    idpSsoBinding: connection.idpSsoBinding ?? null,
    idpCertificateCount: connection.idpCertificates?.length ?? 0,
    createdAt: connection.createdAt.toISOString(),
    lastLoginAt: connection.lastLoginAt?.toISOString() ?? null,
  };
}
