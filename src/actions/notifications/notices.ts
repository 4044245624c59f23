import type { NoticeContent } from '../../domain/texts/mails.ts';
import { User } from '../../db/entities/user.ts';
import { Invitation } from '../../db/entities/work.ts';
import { later } from '../../db/jobs.ts';
import type { TenantScope } from '../../db/scope.ts';

/** Promises a mail to each active owner and admin who has an address, and to who is still invited to be one. */
export async function tellAdmins(scope: TenantScope, notice: NoticeContent): Promise<void> {
  const { em, tenant } = scope;
  const tenantId = tenant.id;
  const role = { $in: ['owner', 'admin'] as const };
  await em.flush();
  const admins = await em.find(User, { tenantId, role, active: true, email: { $ne: null } });
  const invited = await em.find(Invitation, { tenantId, role, acceptedAt: null, expiredAt: null });
  for (const { id } of admins) await later(scope, 'mail.send', { ...notice, tenantId, userId: id });
  for (const { id } of invited) await later(scope, 'mail.send', { ...notice, tenantId, invitationId: id });
}
