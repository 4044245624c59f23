import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ownedByTenant, routesToTenant } from '../policies.ts';
import { Tenant } from './tenant.ts';

/** A bearer token by which a tenant's identity provider provisions, by its hash. */
export const ScimToken = defineEntity({
  name: 'ScimToken',
  tableName: 'scim_tokens',
  ...routesToTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary(),
    label: p.text(),
    hash: p.text(),
    createdAt: p.datetime(),
    expiresAt: p.datetime().strictNullable(),
    revokedAt: p.datetime().strictNullable(),
    lastUsedAt: p.datetime().strictNullable(),
  },
  uniques: [{ name: 'scim_tokens_hash_unique', properties: ['tenantId', 'hash'] }],
});
export type ScimToken = InferEntity<typeof ScimToken>;

/**
 * Where a page of a list that a directory walks by `startIndex` begins, so that it need not be counted off, and nobody
 * is skipped when somebody before it is deleted. It may be lost: then the page is counted off.
 */
export const ListBookmark = defineEntity({
  name: 'ListBookmark',
  tableName: 'list_bookmarks',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    tokenId: p.uuid().primary(),
    /** What is asked for, in short. */
    query: p.text().primary(),
    startIndex: p.integer().primary(),
    /** Behind which resource; sealed, since what it is sorted by may be a name. */
    position: p.text(),
    /** How many the list had in all, and when that was counted. */
    total: p.integer(),
    countedAt: p.datetime(),
    expiresAt: p.datetime(),
  },
});

export const connectionStates = ['draft', 'test', 'live', 'disabled'] as const;
export type ConnectionState = (typeof connectionStates)[number];

export const jitModes = ['on', 'off', 'verified_domains'] as const;

/** A SAML connection to one identity provider: one SP entity with its own key. */
export const SsoConnection = defineEntity({
  name: 'SsoConnection',
  tableName: 'sso_connections',
  ...routesToTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary().unique('sso_connections_id_unique'),
    name: p.text(),
    state: p.enum(connectionStates),
    jit: p.enum(jitModes).default('on'),
    idpEntityId: p.text().strictNullable(),
    idpSsoUrl: p.text().strictNullable(),
    idpSsoBinding: p.enum(['redirect', 'post'] as const).strictNullable(),
    /** Pinned signing certificates, PEM. */
    idpCertificates: p.json().$type<string[]>().defaultRaw(`'[]'`),
    spCertificate: p.text(),
    /** The SP's private key, sealed with the tenant's key. */
    spKeySealed: p.text(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    lastLoginAt: p.datetime().strictNullable(),
  },
  checks: [
    {
      name: 'sso_connections_ready_check',
      expression: `state in ('draft', 'disabled') or (idp_entity_id is not null and idp_sso_url is not null and idp_sso_binding is not null)`,
    },
  ],
});
export type SsoConnection = InferEntity<typeof SsoConnection>;

/** An AuthnRequest that has not been answered: bound to a connection and a browser, taken once. */
export const SsoRequest = defineEntity({
  name: 'SsoRequest',
  tableName: 'sso_requests',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.text().primary(),
    connection: () =>
      p.manyToOne(SsoConnection).joinColumns('tenant_id', 'connection_id').deleteRule('cascade'),
    browserHash: p.text(),
    returnTo: p.text().strictNullable(),
    createdAt: p.datetime(),
    expiresAt: p.datetime(),
  },
});

/** An assertion that has been used; its unique row is what makes a second use impossible, on every process. */
export const SsoAssertion = defineEntity({
  name: 'SsoAssertion',
  tableName: 'sso_assertions',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    connection: () =>
      p.manyToOne(SsoConnection).primary().joinColumns('tenant_id', 'connection_id').deleteRule('cascade'),
    assertionHash: p.text().primary(),
    expiresAt: p.datetime(),
  },
});

/** The trace of one sign-in attempt over a connection. */
export const SsoAttempt = defineEntity({
  name: 'SsoAttempt',
  tableName: 'sso_attempts',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary(),
    connection: () =>
      p.manyToOne(SsoConnection).joinColumns('tenant_id', 'connection_id').deleteRule('cascade'),
    at: p.datetime(),
    outcome: p.enum(['succeeded', 'refused'] as const),
    /** Why it was refused: a code of the failure table. */
    reason: p.text().strictNullable(),
    userId: p.uuid().strictNullable(),
    /** What was expected and what came, redacted; personal values sealed with the tenant's key. */
    trace: p.json().$type<Record<string, unknown>>(),
  },
  indexes: [{ name: 'sso_attempts_at_index', properties: ['tenantId', 'connection', 'at'] }],
});
export type SsoAttempt = InferEntity<typeof SsoAttempt>;
