import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { strictestMode } from '../../domain/lifecycle/status.ts';
import { layOutMail, type MailContent } from '../../domain/texts/mail-layout.ts';
import { type MailRequest, mailContents, type Notice } from '../../domain/texts/mails.ts';
import { type Place, placeOf, writeMoment } from '../../domain/texts/moments.ts';
import type { TenantFacts } from '../../domain/texts/tenant-mails.ts';
import { Offboarding } from '../../db/entities/offboarding.ts';
import { User } from '../../db/entities/user.ts';
import { WebhookEndpoint } from '../../db/entities/webhook.ts';
import { Invitation, Suspension } from '../../db/entities/work.ts';
import type { TenantScope } from '../../db/scope.ts';
import { retentionDays } from '../offboarding/offboarding-execution.ts';
import { findExpiringToken } from '../connections/token-expiry.ts';
import { expectInactivity } from '../suspension/inactivity-deadlines.ts';
import { writeMassDeprovisioning } from './directory-writing.ts';
import { writePlanMail } from './plan-change-writing.ts';
import { writePaymentFailed } from './billing-writing.ts';
import { writeOverage, writeUsageNotice } from './plan-writing.ts';
import type { MailPlaces, Writing } from './written-mail.ts';

type ToTenant = Notice | Extract<MailRequest, { mail: 'welcome' }>;
type Reader = { email: string; name: string | null; place: Place };

/** Writes what one of a tenant's people is told. */
export async function writeTenantMail(
  scope: TenantScope,
  request: ToTenant,
  places: MailPlaces,
): Promise<Writing> {
  const reader = await findReader(scope, request);
  if (!reader) return { withheld: 'the reader is not there any more' };
  const facts = { tenantName: scope.tenant.name, url: places.link('open') };
  const content = await contentOf(scope, request, { ...facts, place: reader.place });
  if (!content) return { withheld: 'what it tells of is not so any more' };
  return { to: reader.email, ...layOutMail(content, reader.name, places) };
}

/** Who reads a mail: an active user with an address, or who is invited. The end closes invitations, and is told all the same. */
async function findReader({ em, tenant }: TenantScope, request: ToTenant): Promise<Reader | null> {
  if ('invitationId' in request) {
    const isEnd = request.mail === 'offboarded' || request.mail === 'offboarding_cancelled';
    const open = { id: request.invitationId, acceptedAt: null, ...(isEnd ? {} : { expiredAt: null }) };
    const invitation = await em.findOne(Invitation, { tenantId: tenant.id, ...open });
    return invitation && { email: invitation.email, name: invitation.name, place: tenant.settings };
  }
  const user = await em.findOne(User, { tenantId: tenant.id, id: request.userId, active: true });
  if (!user?.email) return null;
  return { email: user.email, name: user.displayName, place: placeOf(user.profile, tenant.settings) };
}

/** What is known to every mail to a tenant, and how its reader is told the time. */
type Told = TenantFacts & { place: Place };

async function contentOf(scope: TenantScope, request: ToTenant, told: Told): Promise<MailContent | null> {
  switch (request.mail) {
    case 'suspension_scheduled':
    case 'suspended':
    case 'reinstated':
      return aboutSuspension(scope, request, told);
    case 'offboarding_scheduled':
    case 'offboarding_notice':
    case 'offboarding_cancelled':
    case 'offboarded':
      return aboutOffboarding(scope, request, told);
    case 'trial_notice':
    case 'trial_started':
    case 'trial_extended':
    case 'trial_ended':
      return aboutTrial(scope, request, told);
    case 'inactivity_notice':
      return aboutInactivity(scope, request.daysLeft, told);
    case 'plan_changed':
    case 'plan_change_scheduled':
    case 'plan_change_blocked':
    case 'plan_request_decided':
    case 'overrides_ended':
      return writePlanMail(scope, request, told);
    case 'payment_failed':
      return writePaymentFailed(scope, told);
    case 'usage_notice':
      return writeUsageNotice(scope, request, told);
    case 'overage_started':
      return writeOverage(scope, told);
    case 'scim_token_expiring':
      return aboutToken(scope, request, told);
    case 'mass_deprovisioning':
      return writeMassDeprovisioning(scope, request.alarmId, told);
    case 'webhook_disabled':
      return aboutWebhook(scope, request.endpointId, told);
    default:
      return mailContents[request.mail](told);
  }
}

function aboutTrial(
  { tenant }: TenantScope,
  request: Extract<Notice, { mail: 'trial_notice' | 'trial_started' | 'trial_extended' | 'trial_ended' }>,
  told: Told,
): MailContent | null {
  const { trialEndsAt, plan } = tenant;
  if (request.mail === 'trial_ended') return mailContents.trial_ended({ ...told, plan });
  if (!trialEndsAt) return null;
  const facts = { ...told, plan, endsOn: writeMoment(trialEndsAt, told.place) };
  if (request.mail === 'trial_notice')
    return mailContents.trial_notice({ ...facts, daysLeft: request.daysLeft });
  return mailContents[request.mail](facts);
}

async function aboutSuspension(
  { em, tenant }: TenantScope,
  { mail, suspensionId }: Extract<Notice, { suspensionId: string }>,
  told: Told,
): Promise<MailContent | null> {
  const suspension = await em.findOne(Suspension, { tenantId: tenant.id, id: suspensionId });
  if (!suspension) return null;
  const open = { tenantId: tenant.id, liftedAt: null, startedAt: { $ne: null }, id: { $ne: suspensionId } };
  const left = await em.find(Suspension, open, { orderBy: { id: 'asc' } });
  const others = left.map(({ trigger }) => trigger);
  const { trigger: cause, mode, note, raisedByKind, startsAt, startedAt, endsAt, promisedUntil } = suspension;
  const modeLeft = strictestMode(left.map((one) => one.mode));
  const facts = {
    ...told,
    cause,
    mode,
    note,
    ownRequest: raisedByKind === 'user',
    startsOn: writeMoment(startedAt ?? startsAt, told.place),
    endsOn: endsAt && writeMoment(endsAt, told.place),
    invoice: suspension.invoice,
  };
  if (mail === 'suspended')
    return mailContents.suspended({
      ...facts,
      others,
      modeNow: strictestMode([mode, modeLeft ?? mode]) ?? mode,
    });
  if (mail === 'suspension_scheduled') return mailContents.suspension_scheduled(facts);
  return mailContents.reinstated({
    ...facts,
    liftNote: suspension.liftNote ?? '',
    hadBegun: startedAt !== null,
    promisedUntil: promisedUntil && writeMoment(promisedUntil, told.place),
    left: others,
    modeLeft,
  });
}

async function aboutOffboarding(
  scope: TenantScope,
  request: Extract<Notice, { offboardingId: string }>,
  told: Told,
): Promise<MailContent | null> {
  const { em, tenant } = scope;
  const offboarding = await em.findOne(Offboarding, { tenantId: tenant.id, id: request.offboardingId });
  if (!offboarding) return null;
  const { trigger: cause, note, effectiveAt, executedAt, cancelNote } = offboarding;
  const endsAt = executedAt ?? effectiveAt;
  const purgeAt = offboarding.purgeDueAt ?? daysAfter(endsAt, await retentionDays(scope, tenant));
  const endsOn = writeMoment(endsAt, told.place);
  const facts = { ...told, cause, note, endsOn, purgeOn: writeMoment(purgeAt, told.place) };
  switch (request.mail) {
    case 'offboarding_scheduled':
      return mailContents.offboarding_scheduled(facts);
    case 'offboarding_notice':
      return mailContents.offboarding_notice({ ...facts, daysLeft: request.daysLeft });
    case 'offboarding_cancelled':
      return mailContents.offboarding_cancelled({
        ...told,
        note: cancelNote ?? '',
        hadEnded: executedAt !== null,
      });
    default:
      return mailContents.offboarded(facts);
  }
}

async function aboutInactivity(
  scope: TenantScope,
  daysLeft: number,
  told: Told,
): Promise<MailContent | null> {
  const expected = await expectInactivity(scope);
  if (!expected) return null;
  const lastUsedOn = writeMoment(expected.since, told.place);
  const suspendsOn = writeMoment(expected.suspendsAt, told.place);
  return mailContents.inactivity_notice({ ...told, daysLeft, lastUsedOn, suspendsOn });
}

async function aboutToken(
  scope: TenantScope,
  { tokenId, daysLeft }: Extract<Notice, { mail: 'scim_token_expiring' }>,
  told: Told,
): Promise<MailContent | null> {
  const token = await findExpiringToken(scope, tokenId);
  if (!token?.expiresAt) return null;
  const expiresOn = writeMoment(token.expiresAt, told.place);
  return mailContents.scim_token_expiring({ ...told, label: token.label, daysLeft, expiresOn });
}

async function aboutWebhook(
  { em, tenant }: TenantScope,
  endpointId: string,
  told: Told,
): Promise<MailContent | null> {
  const endpoint = await em.findOne(WebhookEndpoint, { tenantId: tenant.id, id: endpointId });
  if (!endpoint?.disabledAt) return null;
  return mailContents.webhook_disabled({
    ...told,
    endpoint: endpoint.url,
    reason: endpoint.disabledReason ?? '',
  });
}
