import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { disabledBy } from '../../domain/plans/entitlements.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import { ScimToken } from '../../db/entities/connection.ts';
import type { TenantScope } from '../../db/scope.ts';
import { tellAdmins } from '../notifications/notices.ts';

/** Days before a token expires on which the admins are told. */
const notices = { scim_token_notice_30: 30, scim_token_notice_7: 7, scim_token_notice_1: 1 } as const;
type NoticeKind = keyof typeof notices;
const noticeKinds = ['scim_token_notice_30', 'scim_token_notice_7', 'scim_token_notice_1'] as const;

/** Promises the notices of a new token that expires. What would be due already is told no more. */
export async function promiseNotices(
  scope: TenantScope,
  { id, expiresAt }: Pick<ScimToken, 'id' | 'expiresAt'>,
): Promise<void> {
  if (!expiresAt) return;
  for (const kind of noticeKinds) {
    const noticeAt = daysAfter(expiresAt, -notices[kind]);
    if (noticeAt > scope.tenantNow) await setDeadline(scope, kind, noticeAt, id);
  }
}

/** Takes the notices of a token back that was revoked, or has a successor. */
export async function dropNotices(scope: TenantScope, tokenId: string): Promise<void> {
  for (const kind of noticeKinds) await clearDeadline(scope, kind, tokenId);
}

/** Tells the admins that a token of the directory expires soon; not where the plan is without SCIM. */
export async function noticeTokenExpiry(
  scope: TenantScope,
  kind: NoticeKind,
  tokenId: string,
): Promise<void> {
  const token = await findExpiringToken(scope, tokenId);
  if (!token || disabledBy(scope.tenant, 'scim')) return;
  const daysLeft = notices[kind];
  await tellAdmins(scope, { mail: 'scim_token_expiring', tokenId, daysLeft }, `${tokenId} ${daysLeft}`);
}

/** A token that goes on until it expires; `null` where it ended otherwise. */
export function findExpiringToken({ em, tenant }: TenantScope, id: string): Promise<ScimToken | null> {
  const going = { revokedAt: null, expiresAt: { $ne: null } } as const;
  return em.findOne(ScimToken, { tenantId: tenant.id, id, ...going });
}
