import type { MailContent } from '../../domain/texts/mail-layout.ts';
import { mailContents } from '../../domain/texts/mails.ts';
import { operatorPlace, type Place, writeMoment } from '../../domain/texts/moments.ts';
import type { TenantFacts } from '../../domain/texts/tenant-mails.ts';
import { countPeople } from '../../db/directory/losses.ts';
import { DirectoryWatch } from '../../db/entities/directory-watch.ts';
import type { TenantScope } from '../../db/scope.ts';

/** Writes what admins are told of a directory that took many people; `null` where the alarm stands no more. */
export async function writeMassDeprovisioning(
  scope: TenantScope,
  alarmId: string,
  told: TenantFacts & { place: Place },
): Promise<MailContent | null> {
  const losses = await readLosses(scope, alarmId);
  if (!losses) return null;
  const { since, ...counts } = losses;
  const facts = { ...told, ...counts, since: since.toISOString() };
  return mailContents.mass_deprovisioning({ ...facts, began: writeMoment(since, told.place) });
}

/** Writes what operators are told of it. */
export async function writeMassDeprovisioningAlert(
  scope: TenantScope,
  alarmId: string,
): Promise<MailContent | null> {
  const losses = await readLosses(scope, alarmId);
  if (!losses) return null;
  const { since, ...counts } = losses;
  const { id, name, slug, plan, status } = scope.tenant;
  return mailContents.mass_deprovisioning_alert({
    tenant: { id, name, slug, plan, status },
    ...counts,
    since: since.toISOString(),
    began: writeMoment(since, operatorPlace),
  });
}

/** Whom the directory has taken by now, since the first that the alarm is about. */
async function readLosses(scope: TenantScope, alarmId: string) {
  const watch = await scope.em.findOne(DirectoryWatch, { tenantId: scope.tenant.id, alarmId });
  if (!watch?.firstLossAt) return null;
  const { taken } = await countPeople(scope, new Date(watch.firstLossAt.getTime() - 1));
  return { taken, people: watch.people, since: watch.firstLossAt };
}
