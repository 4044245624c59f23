import type { Bed } from '../bed.ts';

export type LargeTenant = { id: string; slug: string };

/**
 * What a large tenant is made of, as shares of its rows. A user brings an e-mail, an address, a session and its
 * refresh token along.
 */
const shares = { users: 0.1, projects: 0.1, audit_events: 0.4 };

/** Opens a sandbox tenant with so many rows more, written by statements. */
export async function seedLargeTenant(
  { operator, inTenant, owner }: Bed,
  slug: string,
  rows: number,
): Promise<LargeTenant> {
  const input = {
    name: slug,
    slug,
    plan: 'free',
    adminEmail: `owner@${slug}.example`,
    sandbox: true,
  } as const;
  const { id } = await operator.tenants.create.mutate(input);
  const count = (table: keyof typeof shares) => Math.round(rows * shares[table]);
  await inTenant(
    id,
    `with made as (
       insert into users (tenant_id, id, origin, email, email_key, user_name, user_name_key)
       select $1, gen_random_uuid(), 'scim', name, name, name, name
       from (select 'user-' || n || '@large.example' as name from generate_series(1, $2::int) n) names
       returning id, email
     )
     insert into user_emails (tenant_id, user_id, position, value, value_key, type, is_primary)
     select $1, id, 0, email, email, 'work', true from made`,
    [id, count('users')],
  );
  await inTenant(
    id,
    `with made as (
       insert into sessions (tenant_id, id, user_id, method, created_at, expires_at, ended_at, end_reason)
       select $1, gen_random_uuid(), id, 'saml', now(), now(), now(), 'signed_out' from users where tenant_id = $1
       returning id
     )
     insert into refresh_tokens (tenant_id, hash, session_id, expires_at)
     select $1, encode(sha256(id::text::bytea), 'hex'), id, now() + interval '30 days' from made`,
    [id],
  );
  await inTenant(
    id,
    `insert into projects (tenant_id, id, name, created_at, updated_at)
     select $1, gen_random_uuid(), 'project ' || n, now(), now() from generate_series(1, $2::int) n`,
    [id, count('projects')],
  );
  await inTenant(
    id,
    `insert into audit_events (tenant_id, id, at, action, actor_kind, target_kind, target_id, details, personal)
     select $1, gen_random_uuid(), now(), 'project.created', 'system', 'project', gen_random_uuid()::text,
       jsonb_build_object('number', n), '{}' from generate_series(1, $2::int) n`,
    [id, count('audit_events')],
  );
  await owner.query('analyze');
  return { id, slug };
}

/** Takes the tenant to the day of its purge; a worker of the service does the rest. */
export async function letGo({ operator, admin }: Bed, { id: tenantId }: LargeTenant): Promise<void> {
  await operator.offboarding.schedule.mutate({ tenantId, trigger: 'customer_request', note: 'a benchmark' });
  await operator.tenants.advanceClock.mutate({ tenantId, by: 'P30D' });
  const phase = async () => (await operator.offboarding.get.query({ tenantId })).phase;
  while ((await phase()) !== 'executed') await pause();
  await operator.tenants.advanceClock.mutate({ tenantId, by: 'P30D' });
  const claimed = async () =>
    (await admin.query('select 1 from tombstones where id = $1', [tenantId])).rowCount;
  while ((await claimed()) === 0) await pause();
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
