import type { TenantRole } from '../../domain/actors.ts';
import type { TenantScope } from '../scope.ts';

/** Somebody whom the directory took: by ending the access, by a removal, or by both. */
export type Taken = { id: string; role: TenantRole; deactivated: boolean; removed: boolean };

/** Whom the directory has taken since a time, locked in the order of their ids. */
export function lockTaken({ em, tenant }: TenantScope, since: Date): Promise<Taken[]> {
  return em.execute<Taken[]>(
    `select id, role, coalesce(deactivated_by is not null and deactivated_at >= ?, false) as deactivated,
       removed_at is not null as removed
     from users
     where tenant_id = ? and ((deactivated_by is not null and deactivated_at >= ?) or removed_at >= ?)
     order by id for update`,
    [since, tenant.id, since, since],
  );
}

/** Those of the removed whose userName or externalId another one has by now. */
export async function findReplaced({ em, tenant }: TenantScope, ids: readonly string[]): Promise<string[]> {
  const list = ids.join(' ');
  const rows = await em.execute<{ id: string }[]>(
    `select r.id from users r
     where r.tenant_id = ? and r.id = any(string_to_array(?, ' ')::uuid[]) and r.removed_at is not null
       and exists (
         select from users o
         where o.tenant_id = r.tenant_id and o.id <> r.id
           and (o.user_name_key = r.user_name_key or o.external_id = r.external_id)
           and (o.removed_at is null or o.id = any(string_to_array(?, ' ')::uuid[])))
     order by r.id`,
    [tenant.id, list, list],
  );
  return rows.map(({ id }) => id);
}

/** Undoes what a directory did to users since a time; what people did to them stays. */
export async function undoLosses(
  { em, tenant, now }: TenantScope,
  ids: readonly string[],
  since: Date,
): Promise<void> {
  const taken = 'deactivated_by is not null and deactivated_at >= ?';
  await em.execute(
    `update users set removed_at = null, version = version + 1, updated_at = ?,
       active = active or coalesce(${taken}, false),
       deactivated_at = case when ${taken} then null else deactivated_at end,
       deactivated_by = case when ${taken} then null else deactivated_by end
     where tenant_id = ? and id = any(string_to_array(?, ' ')::uuid[])`,
    [now, since, since, since, tenant.id, ids.join(' ')],
  );
}

/** Puts users back into the groups from which the directory took them since a time; tells who came into which. */
export async function undoMembershipLosses(
  { em, tenant, now }: TenantScope,
  ids: readonly string[],
  since: Date,
): Promise<{ groupId: string; userIds: string[] }[]> {
  return em.execute<{ groupId: string; userIds: string[] }[]>(
    `with noted as (
       delete from removed_memberships
       where tenant_id = ? and removed_at >= ? and user_id = any(string_to_array(?, ' ')::uuid[])
       returning group_id, user_id),
     back as (
       insert into group_users (tenant_id, group_id, user_id) select ?, group_id, user_id from noted
       on conflict do nothing returning group_id, user_id),
     touched as (
       update groups set version = version + 1, updated_at = ?
       where tenant_id = ? and id in (select group_id from back))
     select group_id as "groupId", json_agg(user_id order by user_id) as "userIds"
     from back group by group_id order by group_id`,
    [tenant.id, since, ids.join(' '), tenant.id, now, tenant.id],
  );
}
