import { planDunning } from '../../domain/billing/dunning.ts';
import type { MailContent } from '../../domain/texts/mail-layout.ts';
import { mailContents } from '../../domain/texts/mails.ts';
import { type Place, writeMoment } from '../../domain/texts/moments.ts';
import type { TenantFacts } from '../../domain/texts/tenant-mails.ts';
import type { TenantScope } from '../../db/scope.ts';
import { findAccount } from '../billing/billing-account.ts';

/** Writes that a payment is missing, with what comes next; `null` when it has come meanwhile. */
export async function writePaymentFailed(
  scope: TenantScope,
  told: TenantFacts & { place: Place },
): Promise<MailContent | null> {
  const account = await findAccount(scope);
  if (!account?.dunningSince) return null;
  const next = planDunning(account.dunningSince, scope.ports.dunning).filter(
    ({ dueAt }) => dueAt > scope.tenantNow,
  );
  const momentOf = (kind: (typeof next)[number]['kind']) => {
    const step = next.find((one) => one.kind === kind);
    return step ? writeMoment(step.dueAt, told.place) : null;
  };
  return mailContents.payment_failed({
    ...told,
    invoice: account.unpaidInvoice ?? null,
    readOnlyOn: momentOf('dunning_read_only'),
    blockedOn: momentOf('dunning_blocked'),
    noticeOn: momentOf('dunning_notice'),
  });
}
