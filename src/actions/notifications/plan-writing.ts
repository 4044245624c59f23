import { entitlements } from '../../domain/plans/entitlements.ts';
import { usersAdmitted } from '../../domain/plans/overage.ts';
import type { MailContent } from '../../domain/texts/mail-layout.ts';
import { mailContents, type NoticeContent } from '../../domain/texts/mails.ts';
import { type Place, writeMoment } from '../../domain/texts/moments.ts';
import type { TenantFacts } from '../../domain/texts/tenant-mails.ts';
import type { TenantScope } from '../../db/scope.ts';

type Told = TenantFacts & { place: Place };

/** Writes that a limit comes near or is reached; `null` where there is none any more. */
export function writeUsageNotice(
  { tenant }: TenantScope,
  { limit, percent }: Extract<NoticeContent, { mail: 'usage_notice' }>,
  told: Told,
): MailContent | null {
  const allowed = entitlements(tenant).limits[limit];
  if (allowed === null) return null;
  return mailContents.usage_notice({ ...told, limit, percent, allowed: allowed.toLocaleString('en') });
}

/** Writes that a tenant has gone above its users; `null` when it has come back meanwhile. */
export function writeOverage({ tenant, tenantNow }: TenantScope, told: Told): MailContent | null {
  const { users } = entitlements(tenant).limits;
  const admitted = usersAdmitted(tenant, tenantNow);
  if (users === null || admitted === null || !tenant.overLimitUntil) return null;
  return mailContents.overage_started({
    ...told,
    allowed: users.toLocaleString('en'),
    admitted: admitted.toLocaleString('en'),
    until: writeMoment(tenant.overLimitUntil, told.place),
  });
}
