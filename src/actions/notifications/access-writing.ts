import { minutesAfter } from '../../domain/lifecycle/deadlines.ts';
import { layOutMail } from '../../domain/texts/mail-layout.ts';
import { mailContents } from '../../domain/texts/mails.ts';
import { writeMoment } from '../../domain/texts/moments.ts';
import { foldCase } from '../../domain/user-attributes.ts';
import { Person } from '../../db/entities/person.ts';
import { UserToken } from '../../db/entities/session.ts';
import { User } from '../../db/entities/user.ts';
import { Invitation } from '../../db/entities/work.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';
import { issueResetToken } from '../people/credentials.ts';
import { issueInvitationToken } from '../people/invitations.ts';
import { findWithoutPassword, issueSetUpToken } from '../people/password-setup.ts';
import type { MailPlaces, Writing } from './written-mail.ts';

/** Writes the mail by which somebody joins a tenant. */
export async function writeInvitation(scope: TenantScope, id: string, places: MailPlaces): Promise<Writing> {
  const { em, tenant } = scope;
  const open = { tenantId: tenant.id, id, acceptedAt: null, expiredAt: null };
  const invitation = await em.findOne(Invitation, open);
  if (!invitation) return { withheld: 'the invitation is not open any more' };
  const url = places.link('accept-invitation', await issueInvitationToken(scope, invitation));
  const until = writeMoment(invitation.expiresAt, tenant.settings);
  const content = mailContents.invitation({ tenantName: tenant.name, url, until });
  return { to: invitation.email, ...layOutMail(content, invitation.name, places) };
}

/** Writes the mail by which a user proves an address. */
export async function writeVerification(
  scope: TenantScope,
  userId: string,
  places: MailPlaces,
): Promise<Writing> {
  const { em, tenant } = scope;
  const user = await em.findOne(User, { tenantId: tenant.id, id: userId, active: true });
  if (!user?.email || user.emailVerifiedAt) return { withheld: 'there is no address to prove any more' };
  const url = places.link('verify-email', issueVerification(scope, user));
  const content = mailContents.verify_email({ tenantName: tenant.name, url });
  return { to: user.email, ...layOutMail(content, user.displayName, places) };
}

/** Writes the mail by which a user who has no password chooses one. */
export async function writeSetUp(scope: TenantScope, userId: string, places: MailPlaces): Promise<Writing> {
  const { em, tenant } = scope;
  const user = await em.findOne(User, { tenantId: tenant.id, id: userId, active: true });
  const without = await findWithoutPassword(scope);
  if (!user?.email || !without.includes(userId))
    return { withheld: 'there is no password to choose any more' };
  const url = places.link('reset-password', issueSetUpToken(scope, user));
  const content = mailContents.set_up_password({ tenantName: tenant.name, url });
  return { to: user.email, ...layOutMail(content, user.displayName, places) };
}

/** Writes the mail by which a person chooses a new password. */
export async function writeResetMail(
  scope: ControlScope,
  personId: string,
  places: MailPlaces,
): Promise<Writing> {
  const person = await scope.em.findOne(Person, personId);
  if (!person) return { withheld: 'the person is not there any more' };
  const url = places.link('reset-password', issueResetToken(scope, person));
  return { to: person.email, ...layOutMail(mailContents.reset_password({ url }), null, places) };
}

/** A new token for a verification link, good for a day, and for this address alone. */
function issueVerification({ em, tenant, now, ports }: TenantScope, user: User): string {
  const token = ports.tokens.create('ve', tenant.id);
  em.create(UserToken, {
    tenantId: tenant.id,
    hash: ports.tokens.hash(token),
    kind: 'verify_email',
    user,
    payload: foldCase(user.email ?? ''),
    expiresAt: minutesAfter(now, 24 * 60),
  });
  return token;
}
