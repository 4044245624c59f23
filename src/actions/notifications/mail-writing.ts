import { minutesAfter } from '../../domain/lifecycle/deadlines.ts';
import { layOutMail, type MailSender } from '../../domain/texts/mail-layout.ts';
import {
  type MailFacts,
  mailContents,
  type MailRequest,
  type OperatorNotice,
} from '../../domain/texts/mails.ts';
import { foldCase } from '../../domain/user-attributes.ts';
import { Person } from '../../db/entities/person.ts';
import { UserToken } from '../../db/entities/session.ts';
import { User } from '../../db/entities/user.ts';
import { Invitation, Suspension } from '../../db/entities/work.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';
import { issueResetToken } from '../people/credentials.ts';
import { issueInvitationToken } from '../people/invitations.ts';

/** Where links of mails lead, and who stands behind them. */
export type MailPlaces = MailSender & {
  /** The link of an action, with its token if it has one. */
  link(action: 'verify-email' | 'reset-password' | 'accept-invitation' | 'open', token?: string): string;
};

export type WrittenMail = { to: string; subject: string; text: string; html: string };

type TenantMail = Exclude<
  MailRequest,
  { mail: 'reset_password' } | { mail: 'purge_certificate' } | OperatorNotice
>;

/** Writes a mail to a tenant's person, or `null` when there is nobody to tell any more. Makes its token. */
export async function writeTenantMail(
  scope: TenantScope,
  request: TenantMail,
  places: MailPlaces,
): Promise<WrittenMail | null> {
  if (request.mail === 'invitation') return writeInvitation(scope, request.invitationId, places);
  if (request.mail === 'verify_email') return writeVerification(scope, request.userId, places);
  const reader = await findReader(scope, request);
  if (!reader) return null;
  const facts = await tenantFacts(scope, request);
  const content = mailContents[request.mail]({ ...facts, name: reader.name, url: places.link('open') });
  return { to: reader.email, ...layOutMail(content, reader.name, places) };
}

type Reader = { email: string; name: string | null };

/** Who reads a mail: an active user with an address, or who is still invited. */
async function findReader(
  { em, tenant }: TenantScope,
  to: { userId: string } | { invitationId: string },
): Promise<Reader | null> {
  if ('invitationId' in to) {
    return em.findOne(Invitation, {
      tenantId: tenant.id,
      id: to.invitationId,
      acceptedAt: null,
      expiredAt: null,
    });
  }
  const user = await em.findOne(User, { tenantId: tenant.id, id: to.userId, active: true });
  return user?.email ? { email: user.email, name: user.displayName } : null;
}

async function writeVerification(
  scope: TenantScope,
  userId: string,
  places: MailPlaces,
): Promise<WrittenMail | null> {
  const user = await scope.em.findOne(User, { tenantId: scope.tenant.id, id: userId, active: true });
  if (!user?.email || user.emailVerifiedAt) return null;
  const url = places.link('verify-email', issueVerification(scope, user));
  const content = mailContents.verify_email({ ...noFacts, tenantName: scope.tenant.name, url });
  return { to: user.email, ...layOutMail(content, user.displayName, places) };
}

/** Writes the mail by which a person chooses a new password. */
export async function writeResetMail(
  scope: ControlScope,
  personId: string,
  places: MailPlaces,
): Promise<WrittenMail | null> {
  const person = await scope.em.findOne(Person, personId);
  if (!person) return null;
  const url = places.link('reset-password', issueResetToken(scope, person));
  const content = mailContents.reset_password({ ...noFacts, url });
  return { to: person.email, ...layOutMail(content, null, places) };
}

const noFacts: MailFacts = { name: null, tenantName: '', url: '', when: '', note: '', mode: '', daysLeft: 0 };

async function writeInvitation(
  scope: TenantScope,
  id: string,
  places: MailPlaces,
): Promise<WrittenMail | null> {
  const open = { tenantId: scope.tenant.id, id, acceptedAt: null, expiredAt: null };
  const invitation = await scope.em.findOne(Invitation, open);
  if (!invitation) return null;
  const url = places.link('accept-invitation', await issueInvitationToken(scope, invitation));
  const facts = { ...noFacts, tenantName: scope.tenant.name, url, when: day(scope, invitation.expiresAt) };
  return { to: invitation.email, ...layOutMail(mailContents.invitation(facts), invitation.name, places) };
}

async function tenantFacts(scope: TenantScope, request: TenantMail): Promise<MailFacts> {
  const { em, tenant } = scope;
  const suspension =
    'suspensionId' in request
      ? await em.findOne(Suspension, { tenantId: tenant.id, id: request.suspensionId })
      : null;
  return {
    ...noFacts,
    tenantName: tenant.name,
    when: tenant.trialEndsAt ? day(scope, tenant.trialEndsAt) : '',
    note: suspension?.note ?? '',
    mode: suspension?.mode ?? '',
    daysLeft: 'daysLeft' in request ? request.daysLeft : 0,
  };
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

function day({ tenant }: TenantScope, moment: Date): string {
  const { locale, timeZone } = tenant.settings;
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone }).format(moment);
}
