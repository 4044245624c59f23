import type { Bed } from '../bed.ts';

export type LargeTenant = { id: string; slug: string };

/** What a large tenant is made of, as shares of its rows. A user brings its address along. */
const shares = { users: 0.1, user_emails: 0.1, tenant_addresses: 0.1, projects: 0.2, audit_events: 0.5 };

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
  await owner.query('analyze users, user_emails, tenant_addresses, projects, audit_events');
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
