import { isMailJob, type PromisedJob } from '../../domain/jobs.ts';
import type { MailRequest, OperatorNotice } from '../../domain/texts/mails.ts';
import { Operator } from '../../db/entities/control.ts';
import { atControlPlane, type TenantScope } from '../../db/scope.ts';
import { type MailPlaces, writeTenantMail } from './mail-writing.ts';

/** A mail that a transaction has promised: to the tenant's people with its text, to operators by its name. */
export type PromisedMail = {
  mail: MailRequest['mail'];
  to: string;
  subject: string | null;
  text: string | null;
};

/**
 * Writes the mails among the jobs that this transaction has promised, as they would be sent now. Tokens in them are
 * as good as the transaction: gone when it is undone.
 */
export async function writePromisedMails(
  scope: TenantScope,
  jobs: readonly PromisedJob[],
  places: MailPlaces,
): Promise<PromisedMail[]> {
  const mails: PromisedMail[] = [];
  for (const job of jobs) {
    const written = isMailJob(job) ? await writePromised(scope, job.payload, places) : null;
    if (written) mails.push(written);
  }
  return mails;
}

async function writePromised(
  scope: TenantScope,
  request: MailRequest,
  places: MailPlaces,
): Promise<PromisedMail | null> {
  // Neither is promised in a tenant's scope.
  if (request.mail === 'reset_password' || request.mail === 'purge_certificate') return null;
  if ('operatorId' in request) return addressOperator(scope, request);
  const written = await writeTenantMail(scope, request, places);
  return written && { mail: request.mail, to: written.to, subject: written.subject, text: written.text };
}

async function addressOperator(scope: TenantScope, { mail, operatorId }: OperatorNotice) {
  const operator = await atControlPlane(scope, ({ em }) => em.findOne(Operator, operatorId));
  return operator && { mail, to: operator.email, subject: null, text: null };
}
