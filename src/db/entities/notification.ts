import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { MailName } from '../../domain/texts/mails.ts';
import { needsTenant, ownedByTenantOrNone } from '../policies.ts';

export const recipientKinds = ['user', 'invitation', 'operator', 'person', 'address'] as const;

/** What was, or will be, mailed to whom; its key is why nobody is told the same thing twice. */
export const Notification = defineEntity({
  name: 'Notification',
  tableName: 'notifications',
  ...ownedByTenantOrNone,
  triggers: [needsTenant('notifications')],
  properties: {
    /** The tenant it is about, or that of none. */
    tenantId: p.uuid().primary(),
    id: p.uuid().primary(),
    mail: p.text().$type<MailName>(),
    /** What it tells of, and which time: the same occurrence is told once to each recipient. */
    occurrence: p.text(),
    recipientKind: p.enum(recipientKinds),
    recipientId: p.text(),
    /** In the tenant's own time. */
    promisedAt: p.datetime(),
    /** In real time: when the mail server took it. */
    sentAt: p.datetime().strictNullable(),
    /** To which address it went, once it was sent. */
    address: p.text().strictNullable(),
    subject: p.text().strictNullable(),
    /** Why it was not sent after all. */
    withheldBecause: p.text().strictNullable(),
    /** What the last try met, until one succeeds. */
    lastError: p.text().strictNullable(),
  },
  uniques: [
    {
      name: 'notifications_once_unique',
      properties: ['tenantId', 'mail', 'occurrence', 'recipientKind', 'recipientId'],
    },
  ],
});
export type Notification = InferEntity<typeof Notification>;
