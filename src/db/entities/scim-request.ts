import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { routesToTenant } from '../policies.ts';
import { Tenant } from './tenant.ts';

/** What a request changed of one resource: the names of its attributes, or how many members; never a value. */
export type LoggedChange = { kind: string; id: string; what: readonly string[] };

/** A request of a tenant's directory and what became of it, kept for 30 days: a row of the provisioning log. */
export const ScimRequest = defineEntity({
  name: 'ScimRequest',
  tableName: 'scim_requests',
  ...routesToTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    /** A UUID version 7, made when the request was answered. */
    id: p.uuid().primary(),
    at: p.datetime(),
    /** How many requests it stands for: refusals by 401 and 429 are counted, a row a minute. */
    times: p.integer().default(1),
    tokenId: p.uuid().strictNullable(),
    /** What the client calls itself (User-Agent). */
    client: p.text().strictNullable(),
    requestId: p.text(),
    method: p.text(),
    /** Below the tenant's endpoint, without its query. */
    path: p.text(),
    status: p.integer(),
    durationMs: p.integer(),
    /** The resource of the path or the one that was created; `Bulk` where `changes` name several. */
    resourceId: p.text().strictNullable(),
    /** Each leniency that was needed, as `rule: attribute`. */
    normalized: p.json().$type<readonly string[]>().defaultRaw(`'[]'`),
    changes: p.json().$type<readonly LoggedChange[]>().defaultRaw(`'[]'`),
    scimType: p.text().strictNullable(),
    /** Why it was refused, in the words of the answer. */
    refusal: p.text().strictNullable(),
    /** Query and body, which hold personal values, sealed with the tenant's key. */
    sentSealed: p.text().strictNullable(),
  },
  indexes: [
    { name: 'scim_requests_token_index', properties: ['tenantId', 'tokenId', 'id'] },
    {
      name: 'scim_requests_resource_index',
      properties: ['tenantId', 'resourceId', 'id'],
      where: 'resource_id is not null',
    },
  ],
});
export type ScimRequest = InferEntity<typeof ScimRequest>;
