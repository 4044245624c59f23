import { z } from 'zod';
import type { Tombstone } from '../../db/entities/tombstone.ts';
import type { ControlScope, Scope } from '../../db/scope.ts';

/** Who gets the certificate, and as what they knew the tenant. An address that was served is `null`. */
const recipients = z.object({
  tenantName: z.string(),
  addresses: z.array(z.string().nullable()),
});
export type Recipients = z.infer<typeof recipients>;

/** Seals whom the certificate goes to, until each of them was told; `null` where there is nobody. */
export function sealRecipients({ ports }: Scope, tenantId: string, to: Recipients): string | null {
  if (!to.addresses.some((address) => address !== null)) return null;
  return ports.master.seal(JSON.stringify(to), contextOf(tenantId));
}

/** Whom the certificate still goes to. */
export function readRecipients({ ports }: Scope, { id, recipientsSealed }: Tombstone): Recipients {
  if (!recipientsSealed) return { tenantName: '', addresses: [] };
  return recipients.parse(JSON.parse(ports.master.openText(recipientsSealed, contextOf(id))));
}

/** Forgets the address of one who was told. */
export async function forgetRecipient(scope: ControlScope, tombstone: Tombstone, index: number) {
  const to = readRecipients(scope, tombstone);
  const addresses = to.addresses.with(index, null);
  tombstone.recipientsSealed = sealRecipients(scope, tombstone.id, { ...to, addresses });
  await scope.em.flush();
}

function contextOf(tenantId: string): string {
  return `recipients:${tenantId}`;
}
