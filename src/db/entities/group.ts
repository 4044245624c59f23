import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { tenantRoles } from '../../domain/actors.ts';
import { ownedByTenant } from '../policies.ts';
import { Tenant } from './tenant.ts';
import { User } from './user.ts';

/** A group of a tenant's directory; a SCIM Group. */
export const Group = defineEntity({
  name: 'Group',
  tableName: 'groups',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary(),
    displayName: p.text(),
    displayNameKey: p.text(),
    externalId: p.text().strictNullable(),
    /** The role that its members have at least; `null`: it gives none. */
    role: p.enum(tenantRoles).strictNullable(),
    /** Whether provisioned users need this group, or another such one, to have access. */
    required: p.boolean().default(false),
    version: p.integer().default(1),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
  uniques: [
    { name: 'groups_display_name_unique', properties: ['tenantId', 'displayNameKey'] },
    { name: 'groups_external_id_unique', properties: ['tenantId', 'externalId'] },
  ],
  indexes: [
    { name: 'groups_created_index', properties: ['tenantId', 'createdAt', 'id'] },
    { name: 'groups_updated_index', properties: ['tenantId', 'updatedAt', 'id'] },
  ],
});
export type Group = InferEntity<typeof Group>;

/** That a user is a member of a group. It stays while the user is deactivated or removed. */
export const GroupUser = defineEntity({
  name: 'GroupUser',
  tableName: 'group_users',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    group: () => p.manyToOne(Group).primary().joinColumns('tenant_id', 'group_id').deleteRule('cascade'),
    user: () => p.manyToOne(User).primary().joinColumns('tenant_id', 'user_id').deleteRule('cascade'),
  },
  indexes: [{ name: 'group_users_user_index', properties: ['tenantId', 'user'] }],
});

/** That a group is a member of another one. */
export const GroupChild = defineEntity({
  name: 'GroupChild',
  tableName: 'group_children',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    group: () => p.manyToOne(Group).primary().joinColumns('tenant_id', 'group_id').deleteRule('cascade'),
    child: () => p.manyToOne(Group).primary().joinColumns('tenant_id', 'child_id').deleteRule('cascade'),
  },
  indexes: [{ name: 'group_children_child_index', properties: ['tenantId', 'child'] }],
});

/** That a directory took a user out of a group, and when: what a restoration of its changes puts back. */
export const RemovedMembership = defineEntity({
  name: 'RemovedMembership',
  tableName: 'removed_memberships',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    group: () => p.manyToOne(Group).primary().joinColumns('tenant_id', 'group_id').deleteRule('cascade'),
    user: () => p.manyToOne(User).primary().joinColumns('tenant_id', 'user_id').deleteRule('cascade'),
    removedAt: p.datetime(),
  },
  indexes: [
    { name: 'removed_memberships_removed_index', properties: ['tenantId', 'removedAt'] },
    { name: 'removed_memberships_user_index', properties: ['tenantId', 'user'] },
  ],
});
