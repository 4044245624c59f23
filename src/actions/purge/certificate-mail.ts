import { layOutMail } from '../../domain/texts/mail-layout.ts';
import { mailContents, type MailRequest } from '../../domain/texts/mails.ts';
import { LockMode } from '@mikro-orm/core';
import { Tombstone } from '../../db/entities/tombstone.ts';
import type { ControlScope } from '../../db/scope.ts';
import type { MailPlaces, Writing } from '../notifications/written-mail.ts';
import { forgetRecipient, readRecipients } from './recipients.ts';

export type CertificateMail = Extract<MailRequest, { mail: 'purge_certificate' }>;

/** Writes the mail with a certificate to one of the last owners, with a link of its own; withheld once it was delivered. */
export async function writeCertificateMail(
  scope: ControlScope,
  { tombstoneId, recipient }: CertificateMail,
  places: MailPlaces,
): Promise<Writing> {
  const tombstone = await lockTombstone(scope, tombstoneId);
  if (!tombstone?.certifiedAt) return { withheld: 'there is no certificate' };
  const { addresses, tenantName } = readRecipients(scope, tombstone);
  const to = addresses[recipient];
  if (!to) return { withheld: 'nobody is to be told any more' };
  const token = scope.ports.tokens.create('dc', tombstoneId);
  tombstone.linkHashes = [...tombstone.linkHashes, scope.ports.tokens.hash(token)];
  const url = places.link('certificates', token);
  const content = mailContents.purge_certificate({ tenantName, url });
  return { to, ...layOutMail(content, null, places) };
}

/** Forgets the address that a certificate was delivered to. */
export async function noteCertificateDelivered(
  scope: ControlScope,
  { tombstoneId, recipient }: CertificateMail,
): Promise<void> {
  const tombstone = await lockTombstone(scope, tombstoneId);
  if (tombstone?.recipientsSealed) await forgetRecipient(scope, tombstone, recipient);
}

function lockTombstone({ em }: ControlScope, id: string) {
  return em.findOne(Tombstone, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}
