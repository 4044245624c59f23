import type { MailRequest } from '../domain/mails.ts';
import { User } from '../db/entities/user.ts';
import { later } from '../db/jobs.ts';
import type { TenantScope } from '../db/scope.ts';

type NoticeToUser = Extract<MailRequest, { tenantId: string; userId: string }>;
type NoticeContent = NoticeToUser extends infer Notice
  ? Notice extends NoticeToUser
    ? Omit<Notice, 'tenantId' | 'userId'>
    : never
  : never;

/** Promises a mail to each active owner and admin of the tenant who has an address. */
export async function tellAdmins(scope: TenantScope, notice: NoticeContent): Promise<void> {
  const { em, tenant } = scope;
  await em.flush();
  const admins = await em.find(User, {
    tenantId: tenant.id,
    active: true,
    role: { $in: ['owner', 'admin'] },
    email: { $ne: null },
  });
  for (const { id } of admins)
    await later(scope, 'mail.send', { ...notice, tenantId: tenant.id, userId: id });
}
