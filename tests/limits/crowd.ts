import { randomUUID } from 'node:crypto';
import { issueInvitationToken } from '../../src/actions/people/invitations.ts';
import { Invitation } from '../../src/db/entities/work.ts';
import type { TenantScope } from '../../src/db/scope.ts';
import { strongPassword, type TestTenant, type World } from '../support/world.ts';

/** An address that nobody has yet. */
export const anEmail = () => `c-${randomUUID().slice(0, 13)}@people.example`;

/** Puts so many users of a directory into a tenant, past every door but the database's own. */
export function addUsers({ em, tenant }: TenantScope, count: number, active = true) {
  return em.execute(
    `insert into users (tenant_id, id, origin, user_name, user_name_key, active)
     select ?, gen_random_uuid(), 'scim', n, n, ? from (select gen_random_uuid()::text n from generate_series(1, ?)) names`,
    [tenant.id, active, count],
  );
}

/** Puts so many projects into a tenant, past every door but the database's own. */
export function addProjects({ em, tenant }: TenantScope, count: number) {
  return em.execute(
    `insert into projects (tenant_id, id, name, created_at, updated_at)
     select ?, gen_random_uuid(), 'P', now(), now() from generate_series(1, ?)`,
    [tenant.id, count],
  );
}

/** Puts so many open invitations into a tenant, past every door but the database's own. */
export function addInvitations({ em, tenant }: TenantScope, count: number) {
  return em.execute(
    `insert into invitations (tenant_id, id, email, email_key, role, created_at, expires_at)
     select ?, gen_random_uuid(), n, n, 'member', now(), now() + interval '9 days'
     from (select gen_random_uuid() || '@i.example' n from generate_series(1, ?)) names`,
    [tenant.id, count],
  );
}

/** What a tenant uses, counted by nobody but the test. */
export function recount(world: World, { id }: Pick<TestTenant, 'id'>) {
  return world.inTenant(id, async ({ em }) => {
    const [row] = await em.execute<{ users: number; projects: number; limit: number | null }[]>(
      `select (select count(*) filter (where active and removed_at is null) from users where tenant_id = t.id)::int
         + (select count(*) from invitations where tenant_id = t.id and accepted_at is null and expired_at is null)::int as users,
         (select count(*) from projects where tenant_id = t.id)::int as projects, limit_users as limit
       from tenants t where id = ?`,
      [id],
    );
    if (!row) throw new Error('the tenant is not there');
    return row;
  });
}

/** Accepts an address's open invitation, at one of several services. */
export async function accept(world: World, tenantId: string, email: string) {
  const token = await world.inTenant(tenantId, async (scope) =>
    issueInvitationToken(scope, await scope.em.findOneOrFail(Invitation, { tenantId, email })),
  );
  return world.send('/api/auth/accept-invitation', { body: { token, password: strongPassword } });
}
