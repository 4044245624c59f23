import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { operatorRoles, serviceClientScopes } from '../../domain/actors.ts';
import type { DeadlineKind } from '../../domain/lifecycle/deadlines.ts';
import { routesToTenant } from '../policies.ts';
import { Tenant } from './tenant.ts';

/** Somebody who runs the product. */
export const Operator = defineEntity({
  name: 'Operator',
  tableName: 'operators',
  properties: {
    id: p.uuid().primary(),
    email: p.text(),
    emailKey: p.text(),
    name: p.text(),
    role: p.enum(operatorRoles),
    bootstrap: p.boolean().default(false),
    createdAt: p.datetime(),
    revokedAt: p.datetime().strictNullable(),
  },
  uniques: [
    { name: 'operators_email_unique', properties: ['emailKey'], where: 'revoked_at is null' },
    { name: 'operators_bootstrap_unique', properties: ['bootstrap'], where: 'bootstrap' },
  ],
});
export type Operator = InferEntity<typeof Operator>;

/** A bearer token of an operator, by its hash. */
export const OperatorToken = defineEntity({
  name: 'OperatorToken',
  tableName: 'operator_tokens',
  properties: {
    hash: p.text().primary(),
    operator: () => p.manyToOne(Operator).deleteRule('cascade'),
    createdAt: p.datetime(),
    /** The bootstrap operator's token is given by the environment and does not expire by itself. */
    expiresAt: p.datetime().strictNullable(),
    revokedAt: p.datetime().strictNullable(),
    lastUsedAt: p.datetime().strictNullable(),
  },
  indexes: [{ name: 'operator_tokens_operator_index', properties: ['operator'] }],
});

/** A host application's server. */
export const ServiceClient = defineEntity({
  name: 'ServiceClient',
  tableName: 'service_clients',
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    scopes: p.enum(serviceClientScopes).array(),
    secretHash: p.text().unique('service_clients_secret_unique'),
    createdAt: p.datetime(),
    revokedAt: p.datetime().strictNullable(),
    lastUsedAt: p.datetime().strictNullable(),
  },
});
export type ServiceClient = InferEntity<typeof ServiceClient>;

/** A key that signs access tokens; published before it signs, and until the last token it signed has expired. */
export const SigningKey = defineEntity({
  name: 'SigningKey',
  tableName: 'signing_keys',
  properties: {
    id: p.text().primary(),
    /** Access tokens have keys that change; what proves a document for years has one that stays. */
    purpose: p.enum(['access_tokens', 'documents'] as const).default('access_tokens'),
    publicJwk: p.json().$type<Record<string, unknown>>(),
    /** The private key, sealed with `SECRET_KEY`. */
    privateKeySealed: p.text(),
    createdAt: p.datetime(),
    signsFrom: p.datetime(),
    retiresAt: p.datetime().strictNullable(),
  },
});
export type SigningKey = InferEntity<typeof SigningKey>;

/** Something that will happen to a tenant by itself. `firesAt` is `dueAt` in real time. */
export const Deadline = defineEntity({
  name: 'Deadline',
  tableName: 'deadlines',
  ...routesToTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    kind: p.text().$type<DeadlineKind>().primary(),
    /** What it is about where a tenant can have several of a kind; else empty. */
    subject: p.text().primary().default(''),
    dueAt: p.datetime(),
    firesAt: p.datetime(),
  },
  indexes: [{ name: 'deadlines_fires_index', properties: ['firesAt'] }],
});
