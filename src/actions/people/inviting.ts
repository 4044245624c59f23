import { LockMode } from '@mikro-orm/core';
import { z } from 'zod';
import { tenantRoles } from '../../domain/actors.ts';
import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { emailAddress, line } from '../../domain/names.ts';
import type { PageInput } from '../../domain/pages.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { foldCase, normalizeUserName } from '../../domain/user-attributes.ts';
import { record } from '../../db/audit.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import { User } from '../../db/entities/user.ts';
import { Invitation } from '../../db/entities/work.ts';
import { later } from '../../db/jobs.ts';
import { pageOf } from '../../db/pages.ts';
import type { TenantScope } from '../../db/scope.ts';
import type { Throttle } from '../../db/throttle.ts';
import { release } from '../plans/reservation.ts';
import { requireOwner } from './directory.ts';
import { invitationDays, invite } from './invitations.ts';

export const inviteUserInput = z.object({
  email: emailAddress,
  name: line(255).optional(),
  role: z.enum(tenantRoles),
});
export const invitationInput = z.object({ invitationId: z.uuid() });

/**
 * Invites somebody to the tenant; the invitation takes a place until it is accepted, revoked or out of time. `CONFLICT`
 * for who is a user or invited already. Only owners invite owners.
 */
export async function inviteUser(
  scope: TenantScope,
  { email, name, role }: z.infer<typeof inviteUserInput>,
  throttle: Throttle,
) {
  authorize(scope.actor, scope.tenant, 'invitation.write');
  if (role === 'owner') requireOwner(scope);
  await requireStranger(scope, email);
  await countMail(scope, throttle, foldCase(email));
  return describeInvitation(await invite(scope, { email, name: name ?? null, role }));
}

/** The tenant's invitations, newest first, and what became of each. */
export function listInvitations(scope: TenantScope, page: PageInput) {
  authorize(scope.actor, scope.tenant, 'directory.read');
  return pageOf({
    page,
    find: (newestFirst, after) =>
      scope.em.find(Invitation, { tenantId: scope.tenant.id, ...after }, newestFirst),
    describe: describeInvitation,
  });
}

/** Mails an open invitation once more and lets it last anew; `RATE_LIMITED` for who does so too often. */
export async function resendInvitation(
  scope: TenantScope,
  { invitationId }: z.infer<typeof invitationInput>,
  throttle: Throttle,
) {
  authorize(scope.actor, scope.tenant, 'invitation.write');
  const invitation = await lockOpen(scope, invitationId);
  if (invitation.role === 'owner') requireOwner(scope);
  await countMail(scope, throttle, invitation.emailKey);
  const expiresAt = daysAfter(scope.tenantNow, invitationDays);
  invitation.expiresAt = expiresAt;
  await record(scope, 'invitation.resent', { target: { kind: 'invitation', id: invitationId } });
  await setDeadline(scope, 'invitation_expiry', expiresAt, invitationId);
  await later(scope, 'mail.send', { mail: 'invitation', tenantId: scope.tenant.id, invitationId });
  return describeInvitation(invitation);
}

/** Takes an open invitation back: its links lead nowhere any more, and its place is free at once. */
export async function revokeInvitation(
  scope: TenantScope,
  { invitationId }: z.infer<typeof invitationInput>,
) {
  authorize(scope.actor, scope.tenant, 'invitation.revoke');
  const invitation = await lockOpen(scope, invitationId);
  if (invitation.role === 'owner') requireOwner(scope);
  Object.assign(invitation, { revokedAt: scope.now, expiredAt: scope.now, tokenHashes: [] });
  await clearDeadline(scope, 'invitation_expiry', invitationId);
  await record(scope, 'invitation.revoked', { target: { kind: 'invitation', id: invitationId } });
  await release(scope, 'users');
  return describeInvitation(invitation);
}

async function requireStranger({ em, tenant }: TenantScope, email: string): Promise<void> {
  const emailKey = foldCase(email);
  const tenantId = tenant.id;
  const same = [{ emailKey }, { userNameKey: normalizeUserName(email) }];
  if ((await em.count(User, { tenantId, removedAt: null, $or: same })) > 0) {
    throw new Refusal('CONFLICT', 'a user with this address exists');
  }
  if ((await em.count(Invitation, { tenantId, emailKey, acceptedAt: null, expiredAt: null })) > 0) {
    throw new Refusal('CONFLICT', 'this address has an open invitation');
  }
}

/** Counts a mail to an address that somebody in this tenant can cause. */
function countMail({ tenant, ports }: TenantScope, throttle: Throttle, emailKey: string): Promise<void> {
  return throttle.take('invitation_mail', ports.tokens.hash(`${tenant.id} ${emailKey}`));
}

/** Two who accept, resend or revoke at once follow each other. */
async function lockOpen({ em, tenant }: TenantScope, id: string): Promise<Invitation> {
  const open = { tenantId: tenant.id, id, acceptedAt: null, expiredAt: null };
  const invitation = await em.findOne(Invitation, open, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!invitation) throw new Refusal('NOT_FOUND', 'no such open invitation');
  return invitation;
}

function describeInvitation(invitation: Invitation) {
  return {
    id: invitation.id,
    email: invitation.email,
    name: invitation.name ?? null,
    role: invitation.role,
    state: stateOf(invitation),
    createdAt: invitation.createdAt.toISOString(),
    expiresAt: invitation.expiresAt.toISOString(),
  };
}

function stateOf({ acceptedAt, revokedAt, expiredAt }: Invitation) {
  if (acceptedAt) return 'accepted' as const;
  if (revokedAt) return 'revoked' as const;
  return expiredAt ? ('expired' as const) : ('open' as const);
}
