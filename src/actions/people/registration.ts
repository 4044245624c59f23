import { z } from 'zod';
import { randomUUID } from 'node:crypto';
import { emailAddress, line, password, proposeSlug, slug } from '../../domain/names.ts';
import { currentVersion, type Plan, plans } from '../../domain/plans/catalogue.ts';
import type { Ports } from '../../domain/ports.ts';
import { Refusal } from '../../domain/refusal.ts';
import { foldCase, userAttributes } from '../../domain/user-attributes.ts';
import { record } from '../../db/audit.ts';
import { Tenant } from '../../db/entities/tenant.ts';
import { Membership, type User } from '../../db/entities/user.ts';
import { newId } from '../../db/ids.ts';
import { later } from '../../db/jobs.ts';
import { type ControlScope, enterTenant, type TenantScope } from '../../db/scope.ts';
import { limitColumns, settingsOf } from '../plans/effective-limits.ts';
import { describeTenant, describeUser } from '../descriptions.ts';
import { type SessionGrant, startSession, takeUserToken } from './sessions.ts';
import { announce } from '../lifecycle/announcement.ts';
import { resetInactivity } from '../suspension/inactivity-deadlines.ts';
import { startTrial } from '../lifecycle/trial.ts';
import { proveTrial } from '../lifecycle/trial-end.ts';
import { refuseUsedDomain } from '../plans/used-trials.ts';
import { findOrCreatePerson, linkPerson } from './person-links.ts';
import { addUser } from './users.ts';

export const registerInput = z.object({
  email: emailAddress,
  password,
  name: line(255),
  tenantName: line(255),
  slug: slug.optional(),
  plan: z.enum(plans).default('free'),
});
export type RegisterInput = z.infer<typeof registerInput>;

/** The id of a tenant to be, with its key in place beside the stored files. Done before the transaction opens. */
export async function prepareTenant({ tenantKeys }: Ports): Promise<string> {
  const tenantId = newId();
  await tenantKeys.create(tenantId);
  return tenantId;
}

/** Hashes a new password that is strong enough; slow on purpose, so done before the transaction opens. */
export async function prepareRegistration(ports: Ports, input: RegisterInput) {
  refusePlan(input.plan);
  await ports.passwords.requireStrong(input.password, [input.name, input.email, input.tenantName]);
  const [tenantId, passwordHash] = await Promise.all([
    prepareTenant(ports),
    ports.passwords.hash(input.password),
  ]);
  return { tenantId, passwordHash };
}

/**
 * Opens a tenant with its first owner, who is signed in at once. Free tenants are active, on a paid plan a trial
 * begins. A known e-mail is answered like any other; `CONFLICT` for a slug that is taken, and a company's second trial.
 */
export async function register(
  scope: ControlScope,
  input: RegisterInput,
  prepared: { tenantId: string; passwordHash: string },
): Promise<SessionGrant> {
  const { em, now } = scope;
  refusePlan(input.plan);
  const trial = input.plan !== 'free';
  if (trial) await refuseUsedDomain(scope, input.email);
  em.create(Tenant, {
    id: prepared.tenantId,
    name: input.tenantName,
    slug: input.slug ?? `${proposeSlug(input.tenantName)}-${randomUUID().slice(0, 8)}`,
    plan: input.plan,
    status: trial ? 'trial' : 'active',
    trialEndsAt: trial ? now : null,
    planVersion: currentVersion,
    ...limitColumns({ plan: input.plan, planVersion: currentVersion }),
    settings: settingsOf(input.plan),
    createdAt: now,
    updatedAt: now,
  });
  return enterTenant(scope, prepared.tenantId, async (entered) => {
    const owner = await addOwner(entered, input, prepared.passwordHash);
    await announce(entered, 'registered', {
      target: { kind: 'tenant', id: prepared.tenantId },
      personal: { subjectId: owner.id, values: {} },
    });
    if (trial) await startTrial(entered);
    await resetInactivity(entered);
    await later(entered, 'mail.send', {
      mail: 'verify_email',
      tenantId: prepared.tenantId,
      userId: owner.id,
    });
    return startSession(entered, owner, { method: 'password' });
  });
}

/** Confirms an e-mail address by the token that was mailed to it: the user becomes a person's. */
export async function verifyEmail(scope: ControlScope, token: string) {
  const tenantId = scope.ports.tokens.tenantOf(token);
  if (!tenantId) throw new Refusal('INVALID_CREDENTIALS', 'this link or code is not valid any more');
  const { user, email } = await enterTenant(scope, tenantId, (entered) => takeProof(entered, token));
  const person = await findOrCreatePerson(scope, { email, passwordHash: null });
  return enterTenant(scope, tenantId, async (entered) => {
    await linkPerson(entered, user, person.id);
    await record(entered, 'user.email_verified', { target: { kind: 'user', id: user.id } });
    if (user.role === 'owner') await proveTrial(entered, email);
    await later(entered, 'mail.send', { mail: 'welcome', tenantId, userId: user.id });
    return { user: describeUser(user), tenant: describeTenant(entered.tenant) };
  });
}

/** What a mailed token proves, as long as the user still has the address it was mailed to. */
async function takeProof(scope: TenantScope, token: string) {
  const { user, payload } = await takeUserToken(scope, token, 'verify_email');
  const email = user.email;
  if (!email || foldCase(email) !== payload || !user.active) {
    throw new Refusal('INVALID_CREDENTIALS', 'this link or code is not valid any more');
  }
  return { user, email };
}

async function addOwner(scope: TenantScope, input: RegisterInput, passwordHash: string): Promise<User> {
  const { em, tenant, now } = scope;
  const { email, name } = input;
  const attributes = userAttributes.parse({
    userName: email,
    displayName: name,
    active: true,
    name: { formatted: name },
    emails: [{ value: email, type: 'work', primary: true }],
  });
  const owner = await addUser(scope, {
    attributes,
    role: 'owner',
    origin: 'registration',
    emailVerified: false,
  });
  em.create(Membership, {
    tenantId: tenant.id,
    user: owner,
    emailKey: foldCase(email),
    passwordHash,
    createdAt: now,
  });
  return owner;
}

function refusePlan(plan: Plan): void {
  if (plan === 'enterprise') {
    throw new Refusal('PERMISSION_DENIED', 'the enterprise plan is opened by our customer success team');
  }
}
