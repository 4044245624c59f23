import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ownedByTenant } from '../policies.ts';
import { Tenant } from './tenant.ts';
import { User } from './user.ts';

/** Why a session ended. */
export type SessionEnd =
  | 'signed_out'
  | 'refresh_token_reused'
  | 'password_reset'
  | 'user_deactivated'
  | 'tenant_blocked'
  | 'tenant_offboarded'
  | 'connection_removed';

/** One sign-in of a user; every access and refresh token belongs to one. */
export const Session = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary(),
    user: () => p.manyToOne(User).joinColumns('tenant_id', 'user_id').deleteRule('cascade'),
    method: p.enum(['password', 'saml', 'invitation'] as const),
    connectionId: p.uuid().strictNullable(),
    createdAt: p.datetime(),
    expiresAt: p.datetime(),
    endedAt: p.datetime().strictNullable(),
    endReason: p.text().$type<SessionEnd>().strictNullable(),
  },
  indexes: [{ name: 'sessions_user_index', properties: ['tenantId', 'user'] }],
  checks: [{ name: 'sessions_end_check', expression: '(ended_at is null) = (end_reason is null)' }],
});
export type Session = InferEntity<typeof Session>;

/** A refresh token by its hash; used once, a second use ends its session. */
export const RefreshToken = defineEntity({
  name: 'RefreshToken',
  tableName: 'refresh_tokens',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    hash: p.text().primary(),
    session: () => p.manyToOne(Session).joinColumns('tenant_id', 'session_id').deleteRule('cascade'),
    expiresAt: p.datetime(),
    usedAt: p.datetime().strictNullable(),
  },
  indexes: [{ name: 'refresh_tokens_session_index', properties: ['tenantId', 'session'] }],
});

/** What a one-time token of a user is for. */
export const userTokenKinds = ['verify_email', 'exchange', 'set_up_password'] as const;

/** A one-time token of a tenant's user, by its hash. */
export const UserToken = defineEntity({
  name: 'UserToken',
  tableName: 'user_tokens',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    hash: p.text().primary(),
    kind: p.enum(userTokenKinds),
    user: () => p.manyToOne(User).joinColumns('tenant_id', 'user_id').deleteRule('cascade'),
    /** What the token was made for: the address to verify, the connection that signed the user in. */
    payload: p.text().strictNullable(),
    expiresAt: p.datetime(),
    usedAt: p.datetime().strictNullable(),
  },
  indexes: [{ name: 'user_tokens_user_index', properties: ['tenantId', 'user'] }],
});
