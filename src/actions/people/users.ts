import { isDeepStrictEqual } from 'node:util';
import type { TenantRole } from '../../domain/actors.ts';
import { Refusal } from '../../domain/refusal.ts';
import { foldCase, normalizeUserName, type UserAttributes } from '../../domain/user-attributes.ts';
import { composeEvent, record } from '../../db/audit.ts';
import { AuditEvent, SubjectKey } from '../../db/entities/audit.ts';
import { User, UserEmail } from '../../db/entities/user.ts';
import { newId } from '../../db/ids.ts';
import { insertTogether } from '../../db/insert-together.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockTenant } from '../locks.ts';
import { watchLosses } from '../deprovisioning/mass-deprovisioning.ts';
import { release, reserve } from '../plans/reservation.ts';
import { liftOnceItFits } from '../suspension/expired-trial.ts';
import { promiseDirectoryEvent } from '../webhooks/directory-events.ts';
import { endSessions, endUserTokens } from './sessions.ts';

type NewUser = {
  attributes: UserAttributes;
  role: TenantRole;
  origin: User['origin'];
  emailVerified: boolean;
};

/**
 * The one door by which a user comes into a tenant; who is active takes a place. `CONFLICT` when userName or externalId
 * are taken.
 */
export async function addUser(scope: TenantScope, user: NewUser): Promise<User> {
  return scope.em.merge(User, await insertUser(scope, user));
}

/** Like `addUser`, for who only tells of the user: its row as it is stored. */
export async function insertUser(scope: TenantScope, { attributes, role, origin, emailVerified }: NewUser) {
  if (attributes.active) await reserve(scope, 'users');
  const { em, tenant, now } = scope;
  const id = newId();
  const data = {
    tenantId: tenant.id,
    id,
    role,
    baseRole: role,
    origin,
    ...columnsOf(attributes),
    emailVerifiedAt: emailVerified ? now : null,
    version: 1,
    createdAt: now,
    updatedAt: now,
    deactivatedAt: null,
    deactivatedBy: null,
    removedAt: null,
  };
  const { event, keys } = await composeEvent(scope, 'user.created', {
    target: { kind: 'user', id },
    details: { role, origin, active: attributes.active },
    personal: { subjectId: id, values: { userName: data.userName, email: data.email }, isNew: true },
  });
  await em.flush();
  await insertTogether(em, [
    { entity: User, rows: [data] },
    { entity: UserEmail, rows: emailRows(tenant.id, id, attributes.emails) },
    { entity: SubjectKey, rows: keys },
    { entity: AuditEvent, rows: [event] },
  ]);
  await promiseDirectoryEvent(scope, 'user.provisioned', { userId: id, origin, active: attributes.active });
  return data;
}

/** Finds a user who has not been removed, or `NOT_FOUND`. */
export async function findUser(scope: TenantScope, id: string): Promise<User> {
  const user = await scope.em.findOne(User, { tenantId: scope.tenant.id, id, removedAt: null });
  if (!user) throw new Refusal('NOT_FOUND', 'no such user');
  return user;
}

/**
 * Takes a user's access away: every session and token ends in the same transaction, whatever the user was in stays.
 * Harmless twice; what a person asks for stands above what a directory did before.
 */
export async function deactivate(
  scope: TenantScope,
  user: User,
  by: User['deactivatedBy'] = scope.actor.kind === 'scim' ? 'directory' : null,
): Promise<void> {
  if (!user.active && by === null) user.deactivatedBy = null;
  if (!user.active) return;
  await takeAccess(scope, user, by);
  await promiseDirectoryEvent(scope, 'user.deprovisioned', { userId: user.id, removed: false });
}

/** Removes a user for its directory, which does not know it any more: a tombstone without access stays. */
export async function removeUser(scope: TenantScope, user: User): Promise<void> {
  if (user.active) await takeAccess(scope, user, 'directory');
  user.removedAt = scope.now;
  await record(scope, 'user.removed', { target: { kind: 'user', id: user.id } });
  await promiseDirectoryEvent(scope, 'user.deprovisioned', { userId: user.id, removed: true });
}

/** Gives a user's access back, with all that it was in. Sessions that ended stay ended. */
export async function reactivate(scope: TenantScope, user: User): Promise<void> {
  if (user.active) return;
  await reserve(scope, 'users');
  Object.assign(user, { active: true, deactivatedAt: null, deactivatedBy: null });
  user.version += 1;
  user.updatedAt = scope.now;
  await record(scope, 'user.reactivated', { target: { kind: 'user', id: user.id } });
  await promiseDirectoryEvent(scope, 'user.reactivated', { userId: user.id });
}

/** Writes attributes over a user's; an access that is taken or given is recorded as such. */
export async function writeAttributes(
  scope: TenantScope,
  user: User,
  { current, next }: { current: UserAttributes; next: UserAttributes },
): Promise<void> {
  const { em, tenant, now } = scope;
  const version = user.version + 1;
  Object.assign(user, { ...columnsOf(next), active: current.active, updatedAt: now });
  if (current.active && !next.active) await deactivate(scope, user);
  if (!current.active && next.active) await reactivate(scope, user);
  // One change is one version, whatever it was made of.
  user.version = version;
  await em.flush();
  if (isDeepStrictEqual(current.emails, next.emails)) return;
  await em.nativeDelete(UserEmail, { tenantId: tenant.id, user });
  const rows = emailRows(tenant.id, user.id, next.emails);
  if (rows.length > 0) await insertTogether(em, [{ entity: UserEmail, rows }]);
}

/** Refuses to take the last active owner away from a tenant; operators may. */
export async function keepAnOwner(scope: TenantScope, user: User): Promise<void> {
  if (user.role !== 'owner' || scope.actor.kind === 'operator') return;
  await lockTenant(scope);
  const others = await scope.em.count(User, {
    tenantId: scope.tenant.id,
    role: 'owner',
    active: true,
    id: { $ne: user.id },
  });
  if (others === 0) throw new Refusal('PERMISSION_DENIED', 'the last active owner of a tenant must stay');
}

async function takeAccess(scope: TenantScope, user: User, by: User['deactivatedBy']): Promise<void> {
  await keepAnOwner(scope, user);
  Object.assign(user, { active: false, deactivatedAt: scope.now, deactivatedBy: by });
  user.version += 1;
  user.updatedAt = scope.now;
  await record(scope, 'user.deactivated', { target: { kind: 'user', id: user.id } });
  await endSessions(scope, { user }, 'user_deactivated');
  await endUserTokens(scope, user);
  await release(scope, 'users');
  await liftOnceItFits(scope);
  if (by !== null) await watchLosses(scope);
}

function emailRows(tenantId: string, userId: string, emails: UserAttributes['emails']) {
  return emails.map(({ value, type, display, primary }, position) => ({
    tenant_id: tenantId,
    user_id: userId,
    position,
    value,
    valueKey: foldCase(value),
    type: type ?? null,
    display: display ?? null,
    primary: primary ?? null,
  }));
}

function columnsOf(attributes: UserAttributes) {
  const { userName, externalId, active, displayName, emails, ...profile } = attributes;
  const email = (emails.find(({ primary }) => primary) ?? emails[0])?.value ?? null;
  return {
    userName,
    userNameKey: normalizeUserName(userName),
    externalId,
    active,
    displayName,
    displayNameKey: displayName === null ? null : foldCase(displayName),
    managerId: profile.enterprise.manager?.value ?? null,
    email,
    emailKey: email === null ? null : foldCase(email),
    profile,
  };
}
