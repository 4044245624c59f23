import { z } from 'zod';
import { tenantRoles } from '../../domain/actors.ts';
import type { PageInput } from '../../domain/pages.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { Group } from '../../db/entities/group.ts';
import { countMembers, findGroup, lockGroup } from '../../db/groups/group-records.ts';
import { findUsersWithin, lockShape } from '../../db/groups/group-roles.ts';
import { pageOf } from '../../db/pages.ts';
import type { TenantScope } from '../../db/scope.ts';
import { requireOwner } from './directory.ts';
import { applyRoles } from './group-effects.ts';

export const groupInput = z.object({ groupId: z.uuid() });
export const mapGroupRoleInput = groupInput.extend({ role: z.enum(tenantRoles).nullable() });
export const requireGroupInput = groupInput.extend({ required: z.boolean() });

/** The groups that the tenant's directory has made, newest first. */
export function listGroups(scope: TenantScope, page: PageInput) {
  authorize(scope.actor, scope.tenant, 'directory.read');
  return pageOf({
    page,
    find: (newestFirst, after) => scope.em.find(Group, { tenantId: scope.tenant.id, ...after }, newestFirst),
    describe: describeGroup,
  });
}

/** One group, with how many users and groups are members of it. */
export async function getGroup(scope: TenantScope, { groupId }: z.infer<typeof groupInput>) {
  authorize(scope.actor, scope.tenant, 'directory.read');
  const group = (await findGroup(scope, groupId)) ?? unknownGroup();
  return { ...describeGroup(group), members: await countMembers(scope, groupId) };
}

/**
 * Says which role the members of a group have at least, of groups within it too; `null`: it gives none. It holds at
 * once, for who is in the group and who will be. Only an owner makes or unmakes owners; who would take the last active
 * one away is refused with `PERMISSION_DENIED`, whoever asks.
 */
export async function mapGroupRole(scope: TenantScope, { groupId, role }: z.infer<typeof mapGroupRoleInput>) {
  authorize(scope.actor, scope.tenant, 'directory.write');
  await lockShape(scope, 'alone');
  const group = (await lockGroup(scope, groupId)) ?? unknownGroup();
  const before = group.role ?? null;
  if (role === 'owner' || before === 'owner') requireOwner(scope);
  if (before === role) return describeGroup(group);
  group.role = role;
  await scope.em.flush();
  const changes = await applyRoles(scope, await findUsersWithin(scope, [groupId]));
  await record(scope, 'group.role_mapped', {
    target: { kind: 'group', id: groupId },
    details: { before: { role: before }, after: { role }, users: changes.length },
  });
  return describeGroup(group);
}

/**
 * Ties access to a group, or unties it. While any group is required, a provisioned user who leaves the last of them
 * loses access in the same transaction, and has it back on returning to one. Nobody loses it by this call.
 */
export async function requireGroupForAccess(
  scope: TenantScope,
  { groupId, required }: z.infer<typeof requireGroupInput>,
) {
  authorize(scope.actor, scope.tenant, 'directory.write');
  await lockShape(scope, 'alone');
  const group = (await lockGroup(scope, groupId)) ?? unknownGroup();
  if (group.required === required) return describeGroup(group);
  group.required = required;
  await record(scope, 'group.requirement_changed', {
    target: { kind: 'group', id: groupId },
    details: { required },
  });
  return describeGroup(group);
}

function describeGroup(group: Group) {
  return {
    id: group.id,
    displayName: group.displayName,
    externalId: group.externalId ?? null,
    role: group.role ?? null,
    requiredForAccess: group.required,
    createdAt: group.createdAt.toISOString(),
    updatedAt: group.updatedAt.toISOString(),
  };
}

function unknownGroup(): never {
  throw new Refusal('NOT_FOUND', 'no such group');
}
