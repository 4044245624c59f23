import type { TenantRole } from '../../domain/actors.ts';
import type { TenantScope } from '../scope.ts';

/** Every group whose members have the access that groups are required for: the required ones, and those within. */
const access = `recursive access (group_id) as (
    select id from groups where tenant_id = ? and required
    union
    select c.child_id from access join group_children c on c.tenant_id = ? and c.group_id = access.group_id)`;

/** Who of these provisioned users has access without such a group (an owner among them?), and who lost it and is in one. */
export async function findAccessChanges(
  { em, tenant }: TenantScope,
  userIds: readonly string[],
): Promise<{ outside: string[]; hasOwner: boolean; returned: string[] }> {
  if (userIds.length === 0) return { outside: [], hasOwner: false, returned: [] };
  const list = userIds.join(' ');
  const rows = await em.execute<{ id: string; active: boolean; role: TenantRole }[]>(
    `with ${access},
     inside as (
       select distinct m.user_id from group_users m join access on access.group_id = m.group_id
       where m.tenant_id = ? and m.user_id = any(string_to_array(?, ' ')::uuid[]))
     select u.id, u.active, u.role from users u left join inside on inside.user_id = u.id
     where u.tenant_id = ? and u.id = any(string_to_array(?, ' ')::uuid[])
       and u.origin = 'scim' and u.removed_at is null and (u.active or u.deactivated_by = 'group')
       and u.active = (inside.user_id is null)
     order by u.id`,
    [tenant.id, tenant.id, tenant.id, list, tenant.id, list],
  );
  return {
    outside: rows.filter(({ active }) => active).map(({ id }) => id),
    hasOwner: rows.some(({ active, role }) => active && role === 'owner'),
    returned: rows.filter(({ active }) => !active).map(({ id }) => id),
  };
}

/** Whether groups are required for access and the user is in none of them. */
export async function isOutside({ em, tenant }: TenantScope, userId: string): Promise<boolean> {
  const [row] = await em.execute<{ outside: boolean }[]>(
    `with ${access}
     select exists (select from access) and not exists (
       select from group_users m join access on access.group_id = m.group_id
       where m.tenant_id = ? and m.user_id = ?) as outside`,
    [tenant.id, tenant.id, tenant.id, userId],
  );
  return row?.outside ?? false;
}
