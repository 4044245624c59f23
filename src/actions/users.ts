import type { TenantRole } from '../domain/actors.ts';
import { Refusal } from '../domain/refusal.ts';
import {
  foldCase,
  normalizeUserName,
  type UserAttributes,
  userAttributes,
  type UserRecord,
} from '../domain/user-attributes.ts';
import { composeEvent, record } from '../db/audit.ts';
import { AuditEvent, SubjectKey } from '../db/entities/audit.ts';
import { User, UserEmail } from '../db/entities/user.ts';
import { newId } from '../db/ids.ts';
import { insertTogether } from '../db/insert-together.ts';
import type { TenantScope } from '../db/scope.ts';
import { lockTenant } from './locks.ts';
import { endSessions } from './sessions.ts';

type NewUser = {
  attributes: UserAttributes;
  role: TenantRole;
  origin: User['origin'];
  emailVerified: boolean;
};

/** The one door by which a user comes into a tenant. `CONFLICT` when userName or externalId are taken. */
export async function addUser(
  scope: TenantScope,
  { attributes, role, origin, emailVerified }: NewUser,
): Promise<User> {
  const { em, tenant, now } = scope;
  const id = newId();
  const data = {
    tenantId: tenant.id,
    id,
    role,
    origin,
    ...columnsOf(attributes),
    emailVerifiedAt: emailVerified ? now : null,
    version: 1,
    createdAt: now,
    updatedAt: now,
    removedAt: null,
  };
  const { event, keys } = await composeEvent(scope, 'user.created', {
    target: { kind: 'user', id },
    details: { role, origin, active: attributes.active },
    personal: { subjectId: id, values: { userName: data.userName, email: data.email }, isNew: true },
  });
  const emails = attributes.emails.map((email, position) => ({
    tenant_id: tenant.id,
    user_id: id,
    position,
    ...emailColumns(email),
  }));
  await em.flush();
  await insertTogether(em, [
    { entity: User, rows: [data] },
    { entity: UserEmail, rows: emails },
    { entity: SubjectKey, rows: keys },
    { entity: AuditEvent, rows: [event] },
  ]);
  return em.merge(User, data);
}

/** Finds a user who has not been removed, or `NOT_FOUND`. */
export async function findUser(scope: TenantScope, id: string): Promise<User> {
  const user = await scope.em.findOne(User, { tenantId: scope.tenant.id, id, removedAt: null });
  if (!user) throw new Refusal('NOT_FOUND', 'no such user');
  return user;
}

/** Takes a user's access away: every session ends in the same transaction. Harmless twice. */
export async function deactivate(scope: TenantScope, user: User): Promise<void> {
  if (!user.active) return;
  await keepAnOwner(scope, user);
  user.active = false;
  user.version += 1;
  user.updatedAt = scope.now;
  await record(scope, 'user.deactivated', { target: { kind: 'user', id: user.id } });
  await endSessions(scope, { user }, 'user_deactivated');
}

/** Gives a user's access back. Sessions that ended stay ended. */
export async function reactivate(scope: TenantScope, user: User): Promise<void> {
  if (user.active) return;
  user.active = true;
  user.version += 1;
  user.updatedAt = scope.now;
  await record(scope, 'user.reactivated', { target: { kind: 'user', id: user.id } });
}

/** Writes attributes over a user's; an access that is taken or given is recorded as such. */
export async function writeAttributes(scope: TenantScope, user: User, next: UserAttributes): Promise<void> {
  const { em, tenant, now } = scope;
  const before = user.active;
  Object.assign(user, { ...columnsOf(next), active: before, updatedAt: now, version: user.version + 1 });
  const stored = await em.find(UserEmail, { tenantId: tenant.id, user }, { orderBy: { position: 'asc' } });
  writeEmails(scope, { user, stored }, next.emails);
  const { version } = user;
  if (before && !next.active) await deactivate(scope, user);
  if (!before && next.active) await reactivate(scope, user);
  user.version = version;
  await em.flush();
}

/** A user with all that a directory knows of it. */
export async function readRecord(scope: TenantScope, user: User): Promise<UserRecord> {
  const [found] = await readRecords(scope, [user]);
  if (!found) throw new Error('a user that was read is gone');
  return found;
}

/** Users with all that a directory knows of them; their e-mails are read in one statement. */
export async function readRecords(
  { em, tenant }: TenantScope,
  users: readonly User[],
): Promise<UserRecord[]> {
  const rows = await em.find(
    UserEmail,
    { tenantId: tenant.id, user: { id: { $in: users.map(({ id }) => id) } } },
    { orderBy: { position: 'asc' } },
  );
  return users.map((user) => {
    const emails = rows
      .filter((row) => row.user.id === user.id)
      .map(({ value, display, type, primary }) => ({ value, display, type, primary }));
    return {
      ...userAttributes.parse({
        ...user.profile,
        ...columnsToAttributes(user),
        emails: emails.map(dropNulls),
      }),
      id: user.id,
      version: user.version,
      createdAt: user.createdAt,
      updatedAt: user.updatedAt,
    };
  });
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

/** Writes the e-mails over the rows there are; a row that was read cannot be deleted and made again in one scope. */
function writeEmails(
  { em, tenant }: TenantScope,
  { user, stored }: { user: User; stored: readonly UserEmail[] },
  emails: UserAttributes['emails'],
): void {
  for (const [position, email] of emails.entries()) {
    const columns = emailColumns(email);
    const row = stored[position];
    if (row) Object.assign(row, columns);
    else em.create(UserEmail, { tenantId: tenant.id, user, position, ...columns });
  }
  for (const row of stored.slice(emails.length)) em.remove(row);
}

function emailColumns({ value, type, display, primary }: UserAttributes['emails'][number]) {
  return {
    value,
    valueKey: foldCase(value),
    type: type ?? null,
    display: display ?? null,
    primary: primary ?? null,
  };
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

function columnsToAttributes({ userName, externalId, active, displayName }: User) {
  return { userName, externalId, active, displayName };
}

function dropNulls(element: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(element).filter(([, value]) => value !== null));
}
