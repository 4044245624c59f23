/**
 * The groups of the user `u`, as a JSON list in the order of their ids or null, to stand among selected columns: those
 * it is a member of, and those around them, however deep and in whatever circle.
 */
export const groupsOfUser = `(
  with recursive mine (group_id, direct) as (
    select m.group_id, true from group_users m where m.tenant_id = u.tenant_id and m.user_id = u.id
    union
    select c.group_id, false from mine
    join group_children c on c.tenant_id = u.tenant_id and c.child_id = mine.group_id)
  select json_agg(json_build_object('id', g.id, 'display', g.display_name, 'isDirect', by.direct) order by g.id)
  from (select group_id, bool_or(direct) as direct from mine group by group_id) as by
  join groups g on g.tenant_id = u.tenant_id and g.id = by.group_id)`;
