import type { TenantRole } from '../../domain/actors.ts';
import type { TenantScope } from '../scope.ts';

/**
 * Holds the shape of a tenant's groups until the transaction ends: which group is in which, and what they give. Who
 * changes members holds it with others; who changes the shape holds it alone, so that nobody is judged by half of it.
 */
export async function lockShape({ em, tenant }: TenantScope, how: 'with_others' | 'alone'): Promise<void> {
  const lock = how === 'alone' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
  await em.execute(`select ${lock}(hashtextextended(?, 0))`, [`groups of ${tenant.id}`]);
}

/** What the members of a group have by it, or by a group around it: a role, the access that groups are required for. */
export type Gifts = { role: boolean; access: boolean };

/** What a group and those around it give. */
export async function findGifts({ em, tenant }: TenantScope, id: string): Promise<Gifts> {
  const [row] = await em.execute<Gifts[]>(
    `with recursive around (id) as (
       select ?::uuid
       union
       select c.group_id from around join group_children c on c.tenant_id = ? and c.child_id = around.id)
     select coalesce(bool_or(g.role is not null), false) as role, coalesce(bool_or(g.required), false) as access
     from around join groups g on g.tenant_id = ? and g.id = around.id`,
    [id, tenant.id, tenant.id],
  );
  return row ?? { role: false, access: false };
}

/** The users of groups, and of the groups within them, however deep and in whatever circle. */
export async function findUsersWithin(
  { em, tenant }: TenantScope,
  groupIds: readonly string[],
): Promise<string[]> {
  if (groupIds.length === 0) return [];
  const rows = await em.execute<{ user_id: string }[]>(
    `with recursive inside (id) as (
       select id from unnest(string_to_array(?, ' ')::uuid[]) as given (id)
       union
       select c.child_id from inside join group_children c on c.tenant_id = ? and c.group_id = inside.id)
     select distinct m.user_id from group_users m join inside on inside.id = m.group_id where m.tenant_id = ?`,
    [groupIds.join(' '), tenant.id, tenant.id],
  );
  return rows.map(({ user_id }) => user_id);
}

/** Roles from the least to the most powerful, so that the place in the list can be compared. */
const ranked = `array['member', 'admin', 'owner']`;

/** Every group with the roles its members have by it: by groups around it too. It ends, since a circle adds nothing new. */
const reach = `
  recursive reach (group_id, rank) as (
    select id, array_position(${ranked}, role) from groups where tenant_id = ? and role is not null
    union
    select c.child_id, reach.rank
    from reach join group_children c on c.tenant_id = ? and c.group_id = reach.group_id)`;

/** Locks users in the order of their ids, as everybody does: of two who change at once the second sees the first. */
export async function lockUsers(
  { em, tenant }: Pick<TenantScope, 'em' | 'tenant'>,
  userIds: readonly string[],
): Promise<void> {
  await em.execute(
    `select from users where tenant_id = ? and id = any(string_to_array(?, ' ')::uuid[])
     order by id for no key update`,
    [tenant.id, userIds.join(' ')],
  );
}

/** A user's role before and after. */
export type RoleChange = { id: string; before: TenantRole; after: TenantRole; active: boolean };

/**
 * Gives users the highest of the role that people gave them and those of the groups they are in; tells whose has
 * changed. They are locked first.
 */
export async function settleRoles(
  { em, tenant, now }: TenantScope,
  userIds: readonly string[],
): Promise<RoleChange[]> {
  if (userIds.length === 0) return [];
  const list = userIds.join(' ');
  await lockUsers({ em, tenant }, userIds);
  return em.execute<RoleChange[]>(
    `with ${reach},
     given as (
       select m.user_id, max(reach.rank) as rank from group_users m join reach on reach.group_id = m.group_id
       where m.tenant_id = ? and m.user_id = any(string_to_array(?, ' ')::uuid[]) group by m.user_id),
     settled as (
       select u.id, u.role as before,
         (${ranked})[greatest(array_position(${ranked}, u.base_role), given.rank)] as after
       from users u left join given on given.user_id = u.id
       where u.tenant_id = ? and u.id = any(string_to_array(?, ' ')::uuid[]))
     update users u set role = settled.after, updated_at = ? from settled
     where u.tenant_id = ? and u.id = settled.id and settled.before <> settled.after
     returning u.id, settled.before, settled.after, u.active`,
    [tenant.id, tenant.id, tenant.id, list, tenant.id, list, now, tenant.id],
  );
}
