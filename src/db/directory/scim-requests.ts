import type { LoggedChange } from '../entities/scim-request.ts';
import type { Glance } from '../glance.ts';

/** What a directory showed: the slug in its path, and the hash of what it sent as its token. */
export type Shown = { slug: string; tokenHash: string };

/** Whom a request came from: a tenant, with the token where it is one of that tenant's, valid or not any more. */
export type Sender = { tenantId: string; tokenId: string | null; valid: boolean };

/** A row of the provisioning log as it is stored. */
export type StoredRequest = {
  tenantId: string;
  id: string;
  at: string;
  times: number;
  tokenId: string | null;
  client: string | null;
  requestId: string;
  method: string;
  path: string;
  status: number;
  durationMs: number;
  resourceId: string | null;
  normalized: readonly string[];
  changes: readonly LoggedChange[];
  scimType: string | null;
  refusal: string | null;
  sentSealed: string | null;
};

/** Says of each what was shown whom it came from; `undefined` where no tenant has that slug. */
export async function findSenders(
  glance: Glance,
  shown: readonly Shown[],
  now: Date,
): Promise<(Sender | undefined)[]> {
  const asked = shown.map((one, place) => ({ ...one, place }));
  const found = await glance.atControlPlane<Sender & { place: number }>({
    name: 'scim_senders',
    text: `
      select s.place, t.id as "tenantId", k.id as "tokenId",
        coalesce(k.revoked_at is null and (k.expires_at is null or k.expires_at > $1), false) as valid
      from jsonb_to_recordset($2::jsonb) as s(place int, slug text, "tokenHash" text)
      join tenants t on t.slug = s.slug
      left join scim_tokens k on k.tenant_id = t.id and k.hash = s."tokenHash"`,
    values: [now, JSON.stringify(asked)],
  });
  const senders = new Map(found.map(({ place, ...sender }) => [place, sender]));
  return shown.map((_, place) => senders.get(place));
}

/**
 * Stores requests of many tenants, and tells which tenants they could be stored for. One whose row somebody has locked
 * is not waited for, since the others would wait with it; a row that is there already counts the further times.
 */
export async function storeRequests(
  glance: Glance,
  requests: readonly StoredRequest[],
): Promise<Set<string>> {
  const tenantIds = [...new Set(requests.map(({ tenantId }) => tenantId))];
  const stored = await glance.atControlPlane<{ id: string }>({
    name: 'store_scim_requests',
    text: insert,
    values: [tenantIds, JSON.stringify(requests)],
  });
  return new Set(stored.map(({ id }) => id));
}

const insert = `
  with free as materialized (
    select id from tenants where id = any($1::uuid[]) and purge_claimed_at is null for key share skip locked
  ), stored as (
    insert into scim_requests (tenant_id, id, at, times, token_id, client, request_id, method, path, status,
      duration_ms, resource_id, normalized, changes, scim_type, refusal, sent_sealed)
    select r."tenantId", r.id, at, times, "tokenId", client, "requestId", method, path, status,
      "durationMs", "resourceId", normalized, changes, "scimType", refusal, "sentSealed"
    from jsonb_to_recordset($2::jsonb) as r("tenantId" uuid, id uuid, at timestamptz, times int, "tokenId" uuid,
      client text, "requestId" text, method text, path text, status int, "durationMs" int, "resourceId" text,
      normalized jsonb, changes jsonb, "scimType" text, refusal text, "sentSealed" text)
    join free on free.id = r."tenantId"
    on conflict (tenant_id, id) do update set times = scim_requests.times + excluded.times
  )
  select id from free`;
