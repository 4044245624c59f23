import { z } from 'zod';
import type { TenantRole } from '../../domain/actors.ts';
import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { line, password } from '../../domain/names.ts';
import type { Ports } from '../../domain/ports.ts';
import { Refusal } from '../../domain/refusal.ts';
import { foldCase, userAttributes } from '../../domain/user-attributes.ts';
import { record } from '../../db/audit.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import { Person } from '../../db/entities/person.ts';
import { Invitation } from '../../db/entities/work.ts';
import { newId } from '../../db/ids.ts';
import { later } from '../../db/jobs.ts';
import { type ControlScope, enterTenant, type TenantScope } from '../../db/scope.ts';
import { release, reserve } from '../plans/reservation.ts';
import { proveTrial } from '../lifecycle/trial-end.ts';
import { liftOnceItFits } from '../suspension/expired-trial.ts';
import { findOrCreatePerson, linkPerson } from './person-links.ts';
import { type SessionGrant, startSession } from './sessions.ts';
import { addUser } from './users.ts';

/** How long an invitation is good. */
export const invitationDays = 14;

export const acceptInvitationInput = z.object({
  token: z.string().max(200),
  /** Needed by who has no account with this address yet. */
  password: password.optional(),
  name: line(255).optional(),
});

/** Invites an address to the tenant. The mail and its link are made by the worker. */
export async function invite(
  scope: TenantScope,
  { email, name, role }: { email: string; name: string | null; role: TenantRole },
): Promise<Invitation> {
  await reserve(scope, 'users');
  const { em, tenant, now, tenantNow } = scope;
  const expiresAt = daysAfter(tenantNow, invitationDays);
  const invitation = em.create(Invitation, {
    tenantId: tenant.id,
    id: newId(),
    email,
    emailKey: foldCase(email),
    name,
    role,
    tokenHashes: [],
    createdAt: now,
    expiresAt,
  });
  await record(scope, 'invitation.created', {
    target: { kind: 'invitation', id: invitation.id },
    details: { role },
    personal: { subjectId: invitation.id, values: { email, name } },
  });
  await em.flush();
  await setDeadline(scope, 'invitation_expiry', expiresAt, invitation.id);
  await later(scope, 'mail.send', { mail: 'invitation', tenantId: tenant.id, invitationId: invitation.id });
  return invitation;
}

/** A new token for an invitation's link. Made when the mail is written; earlier links stay good. */
export async function issueInvitationToken(scope: TenantScope, invitation: Invitation): Promise<string> {
  const { tenant, ports } = scope;
  const token = ports.tokens.create('in', tenant.id);
  // One statement, so that two mails written at once both keep their link.
  await scope.em.execute(
    `update invitations set token_hashes = (token_hashes || ?::text)[greatest(1, cardinality(token_hashes) - 3):]
     where tenant_id = ? and id = ?`,
    [ports.tokens.hash(token), tenant.id, invitation.id],
  );
  return token;
}

/** The hash of the password that comes with an acceptance; slow on purpose, so done before the transaction opens. */
export async function prepareAcceptance(ports: Ports, input: z.infer<typeof acceptInvitationInput>) {
  if (input.password === undefined) return null;
  await ports.passwords.requireStrong(input.password, input.name ? [input.name] : []);
  return ports.passwords.hash(input.password);
}

/** Turns an invitation into a user, once, and signs the user in. The mailed link proves the address. */
export async function acceptInvitation(
  scope: ControlScope,
  input: z.infer<typeof acceptInvitationInput>,
  passwordHash: string | null,
): Promise<SessionGrant> {
  const tenantId = scope.ports.tokens.tenantOf(input.token);
  if (!tenantId) throw notValid();
  const invitation = await enterTenant(scope, tenantId, (entered) => takeInvitation(entered, input.token));
  const known = await scope.em.findOne(Person, { emailKey: invitation.emailKey });
  if (!known?.passwordHash && passwordHash === null) {
    throw new Refusal('INVALID_INPUT', 'password: choose one to accept this invitation', {
      field: 'password',
    });
  }
  const person = await findOrCreatePerson(scope, { email: invitation.email, passwordHash });
  // Chosen by who holds the mailed link, unlike one that was chosen before the address was proven.
  person.passwordHash ??= passwordHash;
  return enterTenant(scope, tenantId, async (entered) => {
    const user = await addInvited(entered, invitation, input.name);
    await linkPerson(entered, user, person.id);
    if (user.role === 'owner') await proveTrial(entered, invitation.email);
    await record(entered, 'invitation.accepted', {
      target: { kind: 'invitation', id: invitation.id },
      personal: { subjectId: user.id, values: {} },
    });
    return startSession(entered, user, { method: 'invitation' });
  });
}

/** Closes an invitation that nobody accepted in time. */
export async function expireInvitation(scope: TenantScope, id: string): Promise<void> {
  const { em, tenant, now } = scope;
  const open = { tenantId: tenant.id, id, acceptedAt: null, expiredAt: null };
  const expired = await em.nativeUpdate(Invitation, open, { expiredAt: now, tokenHashes: [] });
  if (expired === 0) return;
  await record(scope, 'invitation.expired', { target: { kind: 'invitation', id } });
  await release(scope, 'users');
  await liftOnceItFits(scope);
}

async function takeInvitation(scope: TenantScope, token: string): Promise<Invitation> {
  const { em, tenant, now, ports } = scope;
  const rows = await em.execute<{ id: string }[]>(
    `update invitations set accepted_at = ? where tenant_id = ? and ? = any(token_hashes)
     and accepted_at is null and expired_at is null and expires_at > ? returning id`,
    [now, tenant.id, ports.tokens.hash(token), scope.tenantNow],
  );
  const id = rows[0]?.id;
  if (!id) throw notValid();
  await clearDeadline(scope, 'invitation_expiry', id);
  return em.findOneOrFail(Invitation, { tenantId: tenant.id, id });
}

function addInvited(scope: TenantScope, { email, name, role }: Invitation, ownName: string | undefined) {
  const displayName = ownName ?? name ?? null;
  const attributes = userAttributes.parse({
    userName: email,
    displayName,
    active: true,
    name: { formatted: displayName },
    emails: [{ value: email, type: 'work', primary: true }],
  });
  return addUser(scope, { attributes, role, origin: 'invitation', emailVerified: true });
}

function notValid(): Refusal {
  return new Refusal('INVALID_CREDENTIALS', 'this invitation is not valid any more');
}
