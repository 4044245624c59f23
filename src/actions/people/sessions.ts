import { randomUUID } from 'node:crypto';
import { requirePersonAccess } from '../../domain/access.ts';
import { daysAfter, minutesAfter } from '../../domain/lifecycle/deadlines.ts';
import { requireFeature } from '../../domain/plans/entitlements.ts';
import { Refusal } from '../../domain/refusal.ts';
import { requireLiveSession } from '../../domain/sessions.ts';
import { record } from '../../db/audit.ts';
import { SsoConnection } from '../../db/entities/connection.ts';
import {
  RefreshToken,
  Session,
  type SessionEnd,
  UserToken,
  type userTokenKinds,
} from '../../db/entities/session.ts';
import { Membership, type User } from '../../db/entities/user.ts';
import type { TenantScope } from '../../db/scope.ts';
import { readSessionAccess } from '../../db/session-access.ts';
import { describeTenant, describeUser } from '../descriptions.ts';
import { tickStep } from '../lifecycle/onboarding.ts';

/** A session that has begun or goes on: what its tokens are made of. */
export type SessionGrant = {
  tenantId: string;
  userId: string;
  sessionId: string;
  refreshToken: string;
  /** The tenant's present. */
  tenantNow: Date;
  user: ReturnType<typeof describeUser>;
  tenant: ReturnType<typeof describeTenant>;
};

type SignInMethod = { method: 'password' | 'saml' | 'invitation'; connectionId?: string };

/** Begins a session for a user of this tenant, unless its status or the user's stands in the way. */
export async function startSession(
  scope: TenantScope,
  user: User,
  { method, connectionId }: SignInMethod,
): Promise<SessionGrant> {
  const { em, tenant, now } = scope;
  if (!user.active) throw new Refusal('INVALID_CREDENTIALS', 'this user has been deactivated');
  requirePersonAccess(tenant, user.role, user.role === 'owner' ? 'account' : 'read');
  const session = em.create(Session, {
    tenantId: tenant.id,
    id: randomUUID(),
    user,
    method,
    connectionId: connectionId ?? null,
    createdAt: now,
    expiresAt: daysAfter(now, tenant.settings.sessionDays),
  });
  const refreshToken = issueRefreshToken(scope, session);
  await record(scope, 'session.started', { target: { kind: 'user', id: user.id }, details: { method } });
  await em.nativeUpdate(Membership, { tenantId: tenant.id, user }, { lastSignInAt: now });
  if (user.role !== 'member') await tickStep(scope, 'admin_can_sign_in');
  return grantOf(scope, session, user, refreshToken);
}

/**
 * Turns a refresh token into a new one. A token that was used before ends its whole session (RFC 9700 §4.14.2):
 * that is a change to keep, so it is returned as `null` and not thrown.
 */
export async function refreshSession(scope: TenantScope, token: string): Promise<SessionGrant | null> {
  const { em, tenant, now, ports } = scope;
  const id = { tenantId: tenant.id, hash: ports.tokens.hash(token) };
  const known = await em.findOne(RefreshToken, id, { populate: ['session.user'] });
  if (!known || known.expiresAt <= now)
    throw new Refusal('INVALID_CREDENTIALS', 'this refresh token is not known');
  const { session } = known;
  // One statement decides between two uses at once.
  const used = await em.nativeUpdate(RefreshToken, { ...id, usedAt: null }, { usedAt: now });
  if (used === 0) {
    await endSessions(scope, { id: session.id, user: session.user }, 'refresh_token_reused');
    await record(scope, 'refresh_token.reused', {
      target: { kind: 'session', id: session.id },
      personal: { subjectId: session.user.id, values: {} },
    });
    return null;
  }
  const access = await readSessionAccess(em, tenant.id, session.id);
  requireLiveSession(tenant, access?.session ?? null, now);
  requirePersonAccess(tenant, session.user.role, session.user.role === 'owner' ? 'account' : 'read');
  return grantOf(scope, session, session.user, issueRefreshToken(scope, session));
}

/** Ends the session a refresh token belongs to. An unknown token is no error (RFC 7009 §2.2). */
export async function signOut(scope: TenantScope, token: string): Promise<void> {
  const { em, tenant, ports } = scope;
  const id = { tenantId: tenant.id, hash: ports.tokens.hash(token) };
  const known = await em.findOne(RefreshToken, id, { populate: ['session.user'] });
  if (known) await endSessions(scope, { id: known.session.id, user: known.session.user }, 'signed_out');
}

/** Ends the sessions that are still open: one, a user's, a connection's, or all of the tenant. Tells how many. */
export async function endSessions(
  scope: TenantScope,
  which: { id?: string; user?: User; connectionId?: string },
  reason: SessionEnd,
): Promise<number> {
  const { em, tenant, now } = scope;
  await em.flush();
  const ended = await em.nativeUpdate(
    Session,
    { tenantId: tenant.id, endedAt: null, ...which },
    { endedAt: now, endReason: reason },
  );
  if (ended > 0) {
    await record(scope, 'session.ended', {
      details: { reason, count: ended },
      ...(which.user ? { personal: { subjectId: which.user.id, values: {} } } : {}),
    });
  }
  return ended;
}

/** Ends every one-time token of a user that nobody has used yet: links, and codes of a sign-in. */
export async function endUserTokens({ em, tenant, now }: TenantScope, user: User): Promise<void> {
  await em.nativeUpdate(UserToken, { tenantId: tenant.id, user, usedAt: null }, { usedAt: now });
}

/** A one-time code that `exchange` turns into a session: what a browser carries back from a sign-in elsewhere. */
export async function issueExchangeCode(
  scope: TenantScope,
  user: User,
  connectionId: string,
): Promise<string> {
  const { em, tenant, now, ports } = scope;
  const code = ports.tokens.create('ec', tenant.id);
  em.create(UserToken, {
    tenantId: tenant.id,
    hash: ports.tokens.hash(code),
    kind: 'exchange',
    user,
    payload: connectionId,
    expiresAt: minutesAfter(now, 1),
  });
  return code;
}

/** Turns a one-time code into a session, once, while the plan and the connection that it came by still stand. */
export async function exchangeCode(scope: TenantScope, code: string): Promise<SessionGrant> {
  const { user, payload: connectionId } = await takeUserToken(scope, code, 'exchange');
  requireFeature(scope.tenant, 'sso');
  const live = { tenantId: scope.tenant.id, id: connectionId ?? '', state: { $ne: 'disabled' as const } };
  if (!connectionId || (await scope.em.count(SsoConnection, live)) === 0) {
    throw new Refusal('INVALID_CREDENTIALS', 'the connection that signed this user in is closed');
  }
  return startSession(scope, user, { method: 'saml', connectionId });
}

/** Takes a one-time token of a user: the first use wins, every other is `INVALID_CREDENTIALS`. */
export async function takeUserToken(
  scope: TenantScope,
  token: string,
  kind: (typeof userTokenKinds)[number],
): Promise<{ user: User; payload: string | null }> {
  const { em, tenant, now, ports } = scope;
  const id = { tenantId: tenant.id, hash: ports.tokens.hash(token) };
  const taken = await em.nativeUpdate(
    UserToken,
    { ...id, kind, usedAt: null, expiresAt: { $gt: now } },
    { usedAt: now },
  );
  if (taken === 0) throw new Refusal('INVALID_CREDENTIALS', 'this link or code is not valid any more');
  const { user, payload } = await em.findOneOrFail(UserToken, id, { populate: ['user'] });
  return { user, payload };
}

function issueRefreshToken({ em, tenant, ports }: TenantScope, session: Session): string {
  const token = ports.tokens.create('rt', tenant.id);
  const hash = ports.tokens.hash(token);
  em.create(RefreshToken, { tenantId: tenant.id, hash, session, expiresAt: session.expiresAt });
  return token;
}

function grantOf(
  { tenant, tenantNow }: TenantScope,
  session: Session,
  user: User,
  refreshToken: string,
): SessionGrant {
  return {
    tenantId: tenant.id,
    userId: user.id,
    sessionId: session.id,
    refreshToken,
    tenantNow,
    user: describeUser(user),
    tenant: describeTenant(tenant),
  };
}
