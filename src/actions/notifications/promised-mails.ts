import { isMailJob, type PromisedJob } from '../../domain/jobs.ts';
import type { MailRequest } from '../../domain/texts/mails.ts';
import type { TenantScope } from '../../db/scope.ts';
import { writeMail } from './mail-writing.ts';
import type { MailPlaces } from './written-mail.ts';

/** A mail that a transaction has promised, with its text. */
export type PromisedMail = { mail: MailRequest['mail']; to: string; subject: string; text: string };

/**
 * Writes the mails among the jobs that this transaction has promised, as they would be sent now; a tenant's own people
 * are not shown those to operators. Tokens in them are as good as the transaction: gone when it is undone.
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
  if ('operatorId' in request && scope.actor.kind === 'user') return null;
  const writing = await writeMail(scope, request, places);
  if ('withheld' in writing) return null;
  const { to, subject, text } = writing;
  return { mail: request.mail, to, subject, text };
}
