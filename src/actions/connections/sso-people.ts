import { Refusal } from '../../domain/refusal.ts';
import { foldCase, normalizeUserName, userAttributes } from '../../domain/user-attributes.ts';
import type { SsoConnection } from '../../db/entities/connection.ts';
import { User, UserIdentity } from '../../db/entities/user.ts';
import type { TenantScope } from '../../db/scope.ts';
import { addUser } from '../people/users.ts';

/** Who a verified assertion says has signed in. */
export type SignedInAs = {
  nameId: string;
  email: string | null;
  givenName: string | null;
  familyName: string | null;
  displayName: string | null;
};

/**
 * The user of an identity: the one bound to this NameID, else one whom this tenant's own directory provisioned
 * under it, else a new one where the connection may make it. Somebody deactivated or removed is never let in, and
 * never made anew.
 */
export async function findOrProvision(
  scope: TenantScope,
  connection: SsoConnection,
  identity: SignedInAs,
): Promise<User> {
  const { em, tenant, now } = scope;
  const binding = { tenantId: tenant.id, connection, nameId: identity.nameId };
  const findBound = () => em.findOne(UserIdentity, binding, { populate: ['user'] });
  const known = await findBound();
  if (known && !known.user.removedAt) return requireActive(known.user);
  const same = await findSameNamed(scope, identity);
  // Asked again after them: who of them another first sign-in has made since is bound with it.
  const bound = known ?? (await findBound());
  if (bound && !bound.user.removedAt) return requireActive(bound.user);
  const provisioned = chooseProvisioned(same);
  // Whoever was removed comes back by the directory alone, under whatever name the removed account had.
  if (bound && !provisioned) throw refused('user_deactivated', 'this user has been removed');
  const user = provisioned ?? (await provision(scope, connection, identity));
  if (bound) em.remove(bound);
  await em.flush();
  em.create(UserIdentity, { ...binding, user, createdAt: now });
  return user;
}

/** Everybody whom this identity could be, by name, external id or address; the removed among them. */
function findSameNamed({ em, tenant }: TenantScope, { nameId, email }: SignedInAs): Promise<User[]> {
  const emailKey = email === null ? null : foldCase(email);
  return em.find(User, {
    tenantId: tenant.id,
    $or: [
      { userNameKey: normalizeUserName(nameId) },
      { externalId: nameId },
      ...(emailKey ? [{ userNameKey: emailKey }, { emailKey }] : []),
    ],
  });
}

/** The one whom the directory has provisioned; `null` where there is nobody of that name. */
function chooseProvisioned(same: readonly User[]): User | null {
  const living = same.filter(({ removedAt }) => removedAt === null);
  const provisioned = living.filter(({ origin }) => origin === 'scim');
  if (provisioned.length > 1)
    throw refused('user_unknown', 'this identity fits several users of the directory');
  if (provisioned[0]) return requireActive(provisioned[0]);
  if (living.length > 0) {
    throw refused(
      'user_unknown',
      'an account with this address exists here that no directory has provisioned',
    );
  }
  if (same.length > 0) throw refused('user_deactivated', 'this user has been removed');
  return null;
}

async function provision(scope: TenantScope, connection: SsoConnection, identity: SignedInAs): Promise<User> {
  if (connection.jit === 'verified_domains') {
    throw refused('email_domain_not_verified', 'this tenant has not verified the domain of this address');
  }
  if (connection.jit === 'off') {
    throw refused(
      'user_unknown',
      'nobody with this identity has been provisioned, and the connection makes no users',
    );
  }
  const { nameId, email, displayName, givenName, familyName } = identity;
  const attributes = userAttributes.safeParse({
    userName: email ?? nameId,
    active: true,
    displayName: displayName ?? ([givenName, familyName].filter(Boolean).join(' ') || null),
    name: { givenName, familyName },
    emails: email === null ? [] : [{ value: email, type: 'work', primary: true }],
  });
  if (!attributes.success) {
    throw refused('attribute_invalid', 'an attribute has a value that no account can have');
  }
  return addUser(scope, {
    attributes: attributes.data,
    role: 'member',
    origin: 'saml',
    emailVerified: false,
  });
}

function requireActive(user: User): User {
  if (!user.active || user.removedAt) throw refused('user_deactivated', 'this user has been deactivated');
  return user;
}

/** Why a sign-in was refused: its failure's code is for the page and the log. */
export function refused(code: string, message: string): Refusal {
  return new Refusal('INVALID_CREDENTIALS', message, { code });
}
