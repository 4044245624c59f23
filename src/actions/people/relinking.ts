import { foldCase, normalizeUserName, type UserAttributes } from '../../domain/user-attributes.ts';
import { record } from '../../db/audit.ts';
import { Membership, User, UserEmail } from '../../db/entities/user.ts';
import { isOutside } from '../../db/groups/group-access.ts';
import type { TenantScope } from '../../db/scope.ts';
import { writeAttributes } from './users.ts';

/**
 * Links what a directory provisions again to the user whom it removed: the same user, with the id, the role, the groups
 * and the history that it had. `null` where the directory has removed nobody of this externalId, or somebody who has
 * neither the userName nor the address: an externalId may be given again (Entra's default is the mail nickname), and
 * nobody is ever taken for somebody else.
 */
export async function relinkUser(scope: TenantScope, attributes: UserAttributes): Promise<User | null> {
  const { em, tenant } = scope;
  const user = await lockRemoved(scope, attributes);
  if (!user) return null;
  const address = user.emailKey;
  Object.assign(user, { removedAt: null, origin: 'scim' });
  await em.nativeDelete(UserEmail, { tenantId: tenant.id, user });
  // Its groups have the last word, as when it is enabled.
  const isHeld = attributes.active && user.deactivatedBy === 'group' && (await isOutside(scope, user.id));
  const next = isHeld ? { ...attributes, active: false } : attributes;
  await writeAttributes(scope, user, {
    current: { ...attributes, active: false, emails: [] },
    next,
  });
  if (user.emailKey !== address) {
    // Who proved the old address, and signs in by it, may be somebody else today.
    user.emailVerifiedAt = null;
    await em.nativeDelete(Membership, { tenantId: tenant.id, user });
  }
  await record(scope, 'user.restored', {
    target: { kind: 'user', id: user.id },
    details: { version: user.version, active: user.active },
  });
  await em.flush();
  return user;
}

/** The last one removed of that externalId who is the same person, locked; of two who ask, the second finds nobody. */
async function lockRemoved(
  { em, tenant }: TenantScope,
  { externalId, userName, emails }: UserAttributes,
): Promise<User | null> {
  if (externalId === null) return null;
  const address = (emails.find(({ primary }) => primary) ?? emails[0])?.value;
  const [row] = await em.execute<Record<string, unknown>[]>(
    `select * from users
     where tenant_id = ? and external_id = ? and removed_at is not null and (user_name_key = ? or email_key = ?)
     order by removed_at desc limit 1 for update`,
    [tenant.id, externalId, normalizeUserName(userName), address ? foldCase(address) : null],
  );
  return row ? em.map(User, row) : null;
}
