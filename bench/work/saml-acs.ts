import { randomUUID } from 'node:crypto';
import { newId } from '../../src/db/ids.ts';
import type { Bed } from '../bed.ts';
import type { Tenant } from '../tenant.ts';
import { prepareSignIns } from './saml-sign-ins.ts';
import { enough, times, type Work } from './work.ts';

/** The most that are prepared for one cell: preparing costs more than is measured. */
const most = 300;

/** The assertion consumer service: a signed response is verified and becomes a one-time code. */
export function samlAcs({ inTenant }: Bed, tenant: Tenant): Work {
  return {
    name: 'SAML ACS',
    status: 303,
    once: true,
    requests: (cell) => prepareSignIns(tenant, Math.min(most, enough(cell, 200))),
    statements: [findUser, writeSignIn],
    async runs(cell) {
      const ids = times(enough(cell, 5000), () => `_${randomUUID()}`);
      await inTenant(tenant.id, insertRequests, [tenant.id, tenant.connection.id, ids]);
      return ids.map((id, index) => runOf(tenant, id, index));
    },
  };
}

function runOf({ id: tenantId, connection, signers }: Tenant, requestId: string, index: number): unknown[][] {
  const user = signers[index % signers.length];
  const now = new Date();
  return [
    [tenantId, connection.id, user?.userName],
    [tenantId, connection.id, requestId, user?.id, now, newId(), newId()],
  ];
}

const insertRequests = `
  insert into sso_requests (tenant_id, id, connection_id, browser_hash, created_at, expires_at)
  select $1, id, $2, repeat('b', 64), now(), now() + interval '10 minutes' from unnest($3::text[]) as r (id)`;

/** The connection with its keys, and the user behind the NameID. */
const findUser = `
  select c.*, u.* from sso_connections c
  left join user_identities i on i.tenant_id = c.tenant_id and i.connection_id = c.id and i.name_id = $3
  left join users u on u.tenant_id = i.tenant_id and u.id = i.user_id
  where c.tenant_id = $1 and c.id = $2`;

/** Everything that a sign-in leaves behind, in one statement. */
const writeSignIn = `
  with taken as (
    delete from sso_requests where tenant_id = $1 and id = $3 returning return_to
  ), used as (
    insert into sso_assertions (tenant_id, connection_id, assertion_hash, expires_at)
    values ($1, $2, md5($3) || md5('x' || $3), $5::timestamptz + interval '10 minutes')
  ), seen as (
    update sso_connections set last_login_at = $5 where tenant_id = $1 and id = $2
  ), code as (
    insert into user_tokens (tenant_id, hash, kind, user_id, payload, expires_at)
    values ($1, md5('c' || $3) || md5('d' || $3), 'exchange', $4, ($2::uuid)::text, $5::timestamptz + interval '1 minute')
  ), event as (
    insert into audit_events
      (tenant_id, id, at, action, actor_kind, actor_id, target_kind, target_id, request_id, details, personal)
    values ($1, $6, $5, 'sso_login.succeeded', 'sso', $2, 'user', ($4::uuid)::text, ($6::uuid)::text,
      jsonb_build_object('connectionId', ($2::uuid)::text), ('{"origin":"' || repeat('x', 120) || '"}')::jsonb)
  ), attempt as (
    insert into sso_attempts (tenant_id, id, connection_id, at, outcome, user_id, trace)
    values ($1, $7, $2, $5, 'succeeded', $4, ('{"filler":"' || repeat('x', 1500) || '"}')::jsonb)
  )
  select return_to from taken`;
