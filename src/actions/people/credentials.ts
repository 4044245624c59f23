import { z } from 'zod';
import { accessMode } from '../../domain/access.ts';
import { emailAddress, line, password } from '../../domain/names.ts';
import { minutesAfter } from '../../domain/lifecycle/deadlines.ts';
import type { Ports } from '../../domain/ports.ts';
import { Refusal } from '../../domain/refusal.ts';
import { foldCase } from '../../domain/user-attributes.ts';
import { record } from '../../db/audit.ts';
import { Person, PersonToken } from '../../db/entities/person.ts';
import { Tenant } from '../../db/entities/tenant.ts';
import { Membership, User } from '../../db/entities/user.ts';
import { later } from '../../db/jobs.ts';
import { type ControlScope, enterUnlessGone, type TenantScope } from '../../db/scope.ts';
import { endSessions, type SessionGrant, startSession } from './sessions.ts';

export const signInInput = z.object({
  email: emailAddress,
  password,
  /** Which tenant, by its slug; without it the one last used. */
  tenant: line(100).optional(),
});
export const forgotPasswordInput = z.object({ email: emailAddress });
export const resetPasswordInput = z.object({ token: z.string().max(200), password });

type Place = { tenantId: string; userId: string };
/** A password, real or not, and what it opens. */
type Candidate = { passwordHash: string | null; places: Place[] };

/** How many passwords that tenants were registered with are tried for one address. */
const ownPasswords = 2;

/**
 * Finds what an e-mail address could sign in with: the person's password, which opens every tenant of theirs, and
 * those that tenants were registered with, each for its own; verified ones first, so that strangers who register the
 * address push none of them out. Always the same number, so that time does not tell how many there are.
 */
export async function findCandidates(
  { em }: ControlScope,
  { email, tenant }: z.infer<typeof signInInput>,
): Promise<Candidate[]> {
  const emailKey = foldCase(email);
  const tenantId = tenant === undefined ? null : ((await em.findOne(Tenant, { slug: tenant }))?.id ?? null);
  const inTenant = tenant === undefined ? {} : { tenantId: { $in: tenantId ? [tenantId] : [] } };
  const lastUsed = [{ lastSignInAt: 'desc nulls last' as const }, { createdAt: 'desc' as const }];
  const person = await em.findOne(Person, { emailKey });
  const ofPerson = person
    ? await em.find(Membership, { ...inTenant, personId: person.id }, { orderBy: lastUsed })
    : [];
  const own = await em.find(
    Membership,
    { ...inTenant, emailKey, passwordHash: { $ne: null } },
    { orderBy: [{ personId: 'asc nulls last' as const }, ...lastUsed], limit: ownPasswords },
  );
  return [
    { passwordHash: person?.passwordHash ?? null, places: ofPerson.map(placeOf) },
    ...Array.from({ length: ownPasswords }, (_, index) => ({
      passwordHash: own[index]?.passwordHash ?? null,
      places: own.slice(index, index + 1).map(placeOf),
    })),
  ];
}

/**
 * The places that a password opens. Compares it with every candidate, real or not, so that time tells nothing.
 * `INVALID_CREDENTIALS`, in the same words, whichever of e-mail, password and tenant is wrong.
 */
export async function proveCandidates(
  { passwords }: Ports,
  candidates: readonly Candidate[],
  password: string,
): Promise<Place[]> {
  const places: Place[] = [];
  for (const candidate of candidates) {
    if (await passwords.verify(password, candidate.passwordHash)) places.push(...candidate.places);
  }
  if (places.length === 0) throw wrongCredentials();
  return places;
}

/** Begins a session where a proven password leads: in the first place that lets this person in. */
export async function signIn(scope: ControlScope, places: readonly Place[]): Promise<SessionGrant> {
  let refusal: Refusal | null = null;
  for (const { tenantId, userId } of places) {
    const found = await enterUnlessGone(scope, tenantId, async (entered) => {
      const user = await entered.em.findOne(User, { tenantId, id: userId, active: true });
      return user ? tryStart(entered, user) : ('nobody' as const);
    });
    if (found === 'nobody') continue;
    if (found === null) refusal ??= offboarded();
    else if (found instanceof Refusal) refusal ??= found;
    else return found;
  }
  throw refusal ?? wrongCredentials();
}

/** Promises a mail with a reset link to the person of an address, if there is one; the caller never learns. */
export async function requestPasswordReset(
  scope: ControlScope,
  { email }: z.infer<typeof forgotPasswordInput>,
): Promise<void> {
  const emailKey = foldCase(email);
  const person = await scope.em.findOne(Person, { emailKey });
  if (person) {
    await record(scope, 'password.reset_requested', { target: { kind: 'person', id: person.id } });
    await later(scope, 'mail.send', { mail: 'reset_password', personId: person.id });
    return;
  }
  // Nobody has proven this address yet: who owns it is first asked to do so.
  const [own] = await scope.em.find(
    Membership,
    { emailKey, personId: null },
    { limit: 1, orderBy: { createdAt: 'desc' } },
  );
  if (own)
    await later(scope, 'mail.send', { mail: 'verify_email', tenantId: own.tenantId, userId: own.user.id });
}

/** A new token for a reset link, good for half an hour. Made when the mail is written. */
export function issueResetToken({ em, now, ports }: ControlScope, person: Person): string {
  const token = ports.tokens.create('pr');
  em.create(PersonToken, { hash: ports.tokens.hash(token), person, expiresAt: minutesAfter(now, 30) });
  return token;
}

/** Sets a person's password by a mailed token, once; every session the person has, in every tenant, ends. */
export async function resetPassword(
  scope: ControlScope,
  { token, passwordHash }: { token: string; passwordHash: string },
): Promise<void> {
  const { em, now, ports } = scope;
  const hash = ports.tokens.hash(token);
  const taken = await em.nativeUpdate(
    PersonToken,
    { hash, usedAt: null, expiresAt: { $gt: now } },
    { usedAt: now },
  );
  if (taken === 0) throw new Refusal('INVALID_CREDENTIALS', 'this link is not valid any more');
  const { person } = await em.findOneOrFail(PersonToken, { hash }, { populate: ['person'] });
  Object.assign(person, { passwordHash, updatedAt: now });
  // What tenants were registered with, by whomever, opens nothing any more.
  await em.nativeUpdate(Membership, { personId: person.id }, { passwordHash: null });
  await em.nativeUpdate(PersonToken, { person, usedAt: null }, { usedAt: now });
  await record(scope, 'password.reset', { target: { kind: 'person', id: person.id } });
  const memberships = await em.find(Membership, { personId: person.id }, { orderBy: { tenantId: 'asc' } });
  for (const { tenantId, userId } of memberships.map(placeOf)) {
    await enterUnlessGone(scope, tenantId, async (entered) => {
      const user = await entered.em.findOne(User, { tenantId, id: userId });
      if (user) await endSessions(entered, { user }, 'password_reset');
    });
  }
}

/** A session, or why this tenant does not let this user in. */
async function tryStart(scope: TenantScope, user: User): Promise<SessionGrant | Refusal> {
  if (accessMode(scope.tenant) === 'none') {
    return offboarded();
  }
  try {
    return await startSession(scope, user, { method: 'password' });
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function placeOf({ tenantId, user }: { tenantId: string; user: { id: string } }): Place {
  return { tenantId, userId: user.id };
}

function offboarded(): Refusal {
  return new Refusal('TENANT_OFFBOARDED', 'this tenant has been offboarded');
}

function wrongCredentials(): Refusal {
  return new Refusal('INVALID_CREDENTIALS', 'e-mail or password is wrong');
}
