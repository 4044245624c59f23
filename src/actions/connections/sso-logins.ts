import { createHash } from 'node:crypto';
import { minutesAfter } from '../../domain/lifecycle/deadlines.ts';
import { requirePersonAccess } from '../../domain/access.ts';
import { authorize } from '../../domain/permissions.ts';
import { record } from '../../db/audit.ts';
import { SsoAttempt, SsoConnection, SsoRequest } from '../../db/entities/connection.ts';
import { newId } from '../../db/ids.ts';
import type { TenantScope } from '../../db/scope.ts';
import { tickStep } from '../lifecycle/onboarding.ts';
import { issueExchangeCode } from '../people/sessions.ts';
import { findConnection, requireUsable } from './sso-connections.ts';
import { findOrProvision, refused, type SignedInAs } from './sso-people.ts';

/** How long a person may take at the identity provider. */
const requestMinutes = 10;

export type Arrival = {
  connectionId: string;
  requestId: string;
  /** The hashes of the login cookies that the browser shows. */
  browserHashes: readonly string[];
  assertionId: string;
  /** Until when the assertion could be used again, were it not remembered. */
  assertionExpiresAt: Date;
  identity: SignedInAs;
  /** What was seen on the way here; no personal values. */
  trace: Record<string, unknown>;
};

type Attempt = {
  connectionId: string;
  outcome: 'succeeded' | 'refused';
  reason: string | null;
  userId: string | null;
  trace: Record<string, unknown>;
  /** Values that tell who somebody is: sealed with the tenant's key. */
  personal?: Record<string, unknown>;
};

/** Remembers an AuthnRequest, bound to this connection and this browser. */
export async function beginLogin(
  scope: TenantScope,
  request: { id: string; connectionId: string; browserHash: string; returnTo: string | null },
): Promise<void> {
  authorize(scope.actor, scope.tenant, 'sso.sign_in');
  const { em, tenant, now } = scope;
  em.create(SsoRequest, {
    tenantId: tenant.id,
    id: request.id,
    connection: em.getReference(SsoConnection, [tenant.id, request.connectionId]),
    browserHash: request.browserHash,
    returnTo: request.returnTo,
    createdAt: now,
    expiresAt: minutesAfter(now, requestMinutes),
  });
}

/**
 * Turns a verified assertion into a one-time code: takes the request it answers, marks the assertion as used,
 * finds or provisions the user. Each refusal of a sign-in carries the failure's `code`, and leaves no trace here.
 * `CONFLICT` when somebody made the same user at the same moment: nothing has happened, and it may be run again.
 */
export async function finishLogin(
  scope: TenantScope,
  arrival: Arrival,
): Promise<{ code: string; returnTo: string | null; userId: string }> {
  const { em, tenant, now } = scope;
  const connection = await findConnection(scope, arrival.connectionId);
  authorize(scope.actor, tenant, 'sso.sign_in');
  requireUsable(connection);
  await useAssertion(scope, arrival);
  const { returnTo } = await takeRequest(scope, arrival);
  const user = await findOrProvision(scope, connection, arrival.identity);
  requirePersonAccess(tenant, user.role, 'read');
  // Once a minute: a row that every sign-in wrote would make them wait for each other.
  if (!connection.lastLoginAt || connection.lastLoginAt < minutesAfter(now, -1)) connection.lastLoginAt = now;
  await record(scope, 'sso_login.succeeded', {
    target: { kind: 'user', id: user.id },
    details: { connectionId: connection.id },
  });
  await tickStep(scope, 'sso_works');
  await em.flush();
  const code = await issueExchangeCode(scope, user, connection.id);
  await traceAttempt(scope, {
    connectionId: connection.id,
    outcome: 'succeeded',
    reason: null,
    userId: user.id,
    trace: arrival.trace,
  });
  return { code, returnTo, userId: user.id };
}

/** Keeps the trace of one attempt, for the people who set the connection up, and returns its id. */
export async function traceAttempt(
  { em, tenant, now, key }: TenantScope,
  { connectionId, personal = {}, trace, ...facts }: Attempt,
): Promise<string> {
  const id = newId();
  const sealed = key.seal(JSON.stringify(personal), `sso_attempt:${id}`);
  em.create(SsoAttempt, {
    tenantId: tenant.id,
    id,
    ...facts,
    trace: Object.keys(personal).length > 0 ? { ...trace, personal: sealed } : trace,
    connection: em.getReference(SsoConnection, [tenant.id, connectionId]),
    at: now,
  });
  await em.flush();
  return id;
}

/** The request is deleted as it is read: of two answers to it, at once or later, one finds nothing. */
async function takeRequest(
  { em, tenant, now }: TenantScope,
  arrival: Arrival,
): Promise<{ returnTo: string | null }> {
  const [request] = await em.execute<
    { connection_id: string; browser_hash: string; return_to: string | null; expired: boolean }[]
  >(
    `delete from sso_requests where tenant_id = ? and id = ?
     returning connection_id, browser_hash, return_to, expires_at <= ? as expired`,
    [tenant.id, arrival.requestId, now],
  );
  if (!request || request.connection_id !== arrival.connectionId) {
    throw refused(
      'request_unknown',
      'this answers no sign-in that was begun here, or one that has been answered',
    );
  }
  if (request.expired) throw refused('request_expired', 'this sign-in took too long');
  if (!arrival.browserHashes.includes(request.browser_hash)) {
    throw refused('browser_changed', 'this sign-in was begun in another browser');
  }
  return { returnTo: request.return_to };
}

async function useAssertion({ em, tenant }: TenantScope, arrival: Arrival): Promise<void> {
  const assertionHash = createHash('sha256').update(arrival.assertionId).digest('hex');
  const inserted = await em.execute<unknown[]>(
    `insert into sso_assertions (tenant_id, connection_id, assertion_hash, expires_at) values (?, ?, ?, ?)
     on conflict do nothing returning assertion_hash`,
    [tenant.id, arrival.connectionId, assertionHash, arrival.assertionExpiresAt],
  );
  if (inserted.length === 0) throw refused('replayed', 'this assertion has been used');
}
