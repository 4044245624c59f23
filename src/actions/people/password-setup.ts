import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { Refusal } from '../../domain/refusal.ts';
import { foldCase } from '../../domain/user-attributes.ts';
import { record } from '../../db/audit.ts';
import { Person } from '../../db/entities/person.ts';
import { UserToken } from '../../db/entities/session.ts';
import type { User } from '../../db/entities/user.ts';
import { later } from '../../db/jobs.ts';
import { atControlPlane, type ControlScope, enterTenant, type TenantScope } from '../../db/scope.ts';
import { findOrCreatePerson, linkPerson } from './person-links.ts';
import { takeUserToken } from './sessions.ts';

/** How long the link works by which somebody chooses a first password. */
const daysToChoose = 7;

/** A tenant's active users who have no password, neither here nor as a person: without single sign-on they have no way in. */
export async function findWithoutPassword(scope: TenantScope): Promise<string[]> {
  await scope.em.flush();
  const found = await scope.em.execute<{ id: string; personId: string | null }[]>(
    `select u.id, m.person_id as "personId" from users u
     left join memberships m on m.tenant_id = u.tenant_id and m.user_id = u.id
     where u.tenant_id = ? and u.active and u.removed_at is null and u.email is not null
       and m.password_hash is null order by u.id`,
    [scope.tenant.id],
  );
  const ids = found.flatMap(({ personId }) => personId ?? []);
  const withOne = await atControlPlane(scope, ({ em }) =>
    em.find(Person, { id: { $in: ids }, passwordHash: { $ne: null } }, { fields: ['id'] }),
  );
  const known = new Set(withOne.map(({ id }) => id));
  return found.filter(({ personId }) => !personId || !known.has(personId)).map(({ id }) => id);
}

/** Promises a mail to each of them, by whose link they choose a password. Their sessions go on. */
export async function offerPasswords(scope: TenantScope): Promise<void> {
  const tenantId = scope.tenant.id;
  for (const userId of await findWithoutPassword(scope))
    await later(scope, 'mail.send', { mail: 'set_up_password', tenantId, userId });
}

/** A new token for that link, good for this address alone. Made when the mail is written. */
export function issueSetUpToken({ em, tenant, now, ports }: TenantScope, user: User): string {
  const token = ports.tokens.create('su', tenant.id);
  em.create(UserToken, {
    tenantId: tenant.id,
    hash: ports.tokens.hash(token),
    kind: 'set_up_password',
    user,
    payload: foldCase(user.email ?? ''),
    expiresAt: daysAfter(now, daysToChoose),
  });
  return token;
}

/**
 * Sets the first password of a tenant's user by a mailed token, once: the link proves the address, so that it becomes
 * the person's. `CONFLICT` where the person has chosen one meanwhile.
 */
export async function setUpPassword(
  scope: ControlScope,
  { token, tenantId, passwordHash }: { token: string; tenantId: string; passwordHash: string },
): Promise<void> {
  const { user, email } = await enterTenant(scope, tenantId, (entered) => takeProof(entered, token));
  const person = await findOrCreatePerson(scope, { email, passwordHash: null });
  if (person.passwordHash) {
    throw new Refusal('CONFLICT', 'you have a password already: sign in with it, or ask for a new one');
  }
  Object.assign(person, { passwordHash, updatedAt: scope.now });
  await enterTenant(scope, tenantId, async (entered) => {
    await linkPerson(entered, user, person.id);
    await record(entered, 'password.set_up', { target: { kind: 'user', id: user.id } });
  });
}

async function takeProof(scope: TenantScope, token: string): Promise<{ user: User; email: string }> {
  const { user, payload } = await takeUserToken(scope, token, 'set_up_password');
  const { email } = user;
  if (!email || foldCase(email) !== payload || !user.active) {
    throw new Refusal('INVALID_CREDENTIALS', 'this link or code is not valid any more');
  }
  return { user, email };
}
