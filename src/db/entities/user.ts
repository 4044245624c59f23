import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { tenantRoles } from '../../domain/actors.ts';
import type { UserAttributes } from '../../domain/user-attributes.ts';
import { keepsAddress } from '../triggers/addresses.ts';
import { takesPlace } from '../triggers/places.ts';
import { ownedByTenant, routesToTenant } from '../policies.ts';
import { SsoConnection } from './connection.ts';
import { Tenant } from './tenant.ts';

/** What a directory knows of a user beside the attributes that have a column or table of their own. */
export type UserProfile = Partial<
  Omit<UserAttributes, 'userName' | 'externalId' | 'active' | 'displayName' | 'emails'>
>;

/** How a user came to be. */
export const userOrigins = ['registration', 'invitation', 'scim', 'saml'] as const;

/** What took a user's access without a person: its directory's word, or the loss of a group that access needs. */
export const deactivators = ['directory', 'group'] as const;

/** A person's account in one tenant; a SCIM User. Removed ones stay as tombstones, so that none comes back unasked. */
export const User = defineEntity({
  name: 'User',
  tableName: 'users',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary(),
    /** What counts: the highest of `baseRole` and of the roles of the groups that the user is in. */
    role: p.enum(tenantRoles).default('member'),
    /** What people gave; no group takes it away. */
    baseRole: p.enum(tenantRoles).default('member'),
    active: p.boolean().default(true),
    /** Since when it is not active any more. */
    deactivatedAt: p.datetime().strictNullable(),
    /** `null`: a person or an operator did it, whose word no restoration of a sync undoes. */
    deactivatedBy: p.enum(deactivators).strictNullable(),
    origin: p.enum(userOrigins),
    /** The address mails go to; `null` when the directory gave none. */
    email: p.text().strictNullable(),
    emailKey: p.text().strictNullable(),
    emailVerifiedAt: p.datetime().strictNullable(),
    userName: p.text(),
    userNameKey: p.text(),
    externalId: p.text().strictNullable(),
    displayName: p.text().strictNullable(),
    displayNameKey: p.text().strictNullable(),
    /** The manager's id as the directory gave it; it may be of a user it has not provisioned yet. */
    managerId: p.text().strictNullable(),
    profile: p.json().$type<UserProfile>().defaultRaw(`'{}'`),
    version: p.integer().default(1),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
    removedAt: p.datetime().strictNullable(),
  },
  triggers: [keepsAddress('users', 'new.removed_at is null'), takesPlace('users')],
  uniques: [
    { name: 'users_user_name_unique', properties: ['tenantId', 'userNameKey'], where: 'removed_at is null' },
    { name: 'users_external_id_unique', properties: ['tenantId', 'externalId'], where: 'removed_at is null' },
  ],
  indexes: [
    { name: 'users_email_index', properties: ['tenantId', 'emailKey'] },
    { name: 'users_created_index', properties: ['tenantId', 'createdAt', 'id'] },
    { name: 'users_display_name_index', properties: ['tenantId', 'displayNameKey'] },
    { name: 'users_updated_index', properties: ['tenantId', 'updatedAt', 'id'] },
    {
      name: 'users_inactive_index',
      properties: ['tenantId', 'createdAt', 'id'],
      where: 'not active and removed_at is null',
    },
    {
      name: 'users_deprovisioned_index',
      properties: ['tenantId', 'deactivatedAt'],
      where: 'deactivated_by is not null',
    },
    { name: 'users_removed_index', properties: ['tenantId', 'removedAt'], where: 'removed_at is not null' },
    {
      name: 'users_tombstone_index',
      properties: ['tenantId', 'externalId'],
      where: 'removed_at is not null',
    },
  ],
  checks: [
    { name: 'users_removed_check', expression: 'removed_at is null or not active' },
    { name: 'users_deactivated_check', expression: 'deactivated_at is null or not active' },
    { name: 'users_deactivator_check', expression: 'deactivated_by is null or deactivated_at is not null' },
  ],
});
export type User = InferEntity<typeof User>;

/** One value of a user's `emails` (RFC 7643 §4.1.2), a row each so that a filter on it can use an index. */
export const UserEmail = defineEntity({
  name: 'UserEmail',
  tableName: 'user_emails',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    user: () => p.manyToOne(User).primary().joinColumns('tenant_id', 'user_id').deleteRule('cascade'),
    position: p.integer().primary(),
    value: p.text().strictNullable(),
    valueKey: p.text().strictNullable(),
    type: p.text().strictNullable(),
    display: p.text().strictNullable(),
    /** As the directory gave it: `false` is not the same as nothing. */
    primary: p.boolean().strictNullable().name('is_primary'),
  },
  indexes: [{ name: 'user_emails_value_index', properties: ['tenantId', 'valueKey'] }],
});
export type UserEmail = InferEntity<typeof UserEmail>;

/** By which NameID of which connection a user signs in; bound at the first sign-in, for good. */
export const UserIdentity = defineEntity({
  name: 'UserIdentity',
  tableName: 'user_identities',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    connection: () =>
      p.manyToOne(SsoConnection).primary().joinColumns('tenant_id', 'connection_id').deleteRule('cascade'),
    nameId: p.text().primary(),
    user: () => p.manyToOne(User).joinColumns('tenant_id', 'user_id').deleteRule('cascade'),
    createdAt: p.datetime(),
  },
  indexes: [{ name: 'user_identities_user_index', properties: ['tenantId', 'user'] }],
});

/**
 * How a tenant's user signs in with an e-mail address: by the password it registered with, which opens this tenant
 * alone, and by the password of the person it belongs to once the address is verified.
 */
export const Membership = defineEntity({
  name: 'Membership',
  tableName: 'memberships',
  ...routesToTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    user: () => p.manyToOne(User).primary().joinColumns('tenant_id', 'user_id').deleteRule('cascade'),
    emailKey: p.text(),
    personId: p.uuid().strictNullable(),
    passwordHash: p.text().strictNullable(),
    createdAt: p.datetime(),
    lastSignInAt: p.datetime().strictNullable(),
  },
  indexes: [
    { name: 'memberships_person_index', properties: ['personId'] },
    { name: 'memberships_password_index', properties: ['emailKey'], where: 'password_hash is not null' },
  ],
});
