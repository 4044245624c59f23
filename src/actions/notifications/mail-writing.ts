import { isStillSent } from '../../domain/mail-standing.ts';
import type { MailRequest } from '../../domain/texts/mails.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';
import { writeCertificateMail } from '../purge/certificate-mail.ts';
import { writeInvitation, writeResetMail, writeSetUp, writeVerification } from './access-writing.ts';
import { writeOperatorMail } from './operator-writing.ts';
import { writeTenantMail } from './tenant-writing.ts';
import type { MailPlaces, Writing } from './written-mail.ts';

/**
 * Writes a mail as things stand now, in the scope of the tenant it is about, or of none. Makes its token, where its
 * link has one.
 */
export async function writeMail(
  scope: TenantScope | ControlScope,
  request: MailRequest,
  places: MailPlaces,
): Promise<Writing> {
  if (scope.kind === 'tenant' && !isStillSent(request.mail, scope.tenant.status)) {
    return { withheld: `the tenant is ${scope.tenant.status}` };
  }
  if ('operatorId' in request) return writeOperatorMail(scope, request, places);
  if (scope.kind === 'control') {
    if (request.mail === 'reset_password') return writeResetMail(scope, request.personId, places);
    if (request.mail === 'purge_certificate') return writeCertificateMail(scope, request, places);
    throw new Error(`the mail ${request.mail} is not written without a tenant`);
  }
  switch (request.mail) {
    case 'invitation':
      return writeInvitation(scope, request.invitationId, places);
    case 'set_up_password':
      return writeSetUp(scope, request.userId, places);
    case 'verify_email':
      return writeVerification(scope, request.userId, places);
    case 'reset_password':
    case 'purge_certificate':
      throw new Error(`the mail ${request.mail} is not written by a tenant`);
    default:
      return writeTenantMail(scope, request, places);
  }
}
