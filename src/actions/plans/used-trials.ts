import { trialKey } from '../../domain/plans/trial-keys.ts';
import { Refusal } from '../../domain/refusal.ts';
import { UsedTrial } from '../../db/entities/plans.ts';
import { atControlPlane, type ControlScope, type Scope, type TenantScope } from '../../db/scope.ts';

/** What is kept of an address that has used up a trial: the hash of its company's domain, or of itself. */
export function hashOfTrial({ ports }: Pick<Scope, 'ports'>, email: string): string {
  return ports.tokens.hash(trialKey(email));
}

/**
 * Refuses with `CONFLICT` a trial that somebody begins for a company that has had one. An address of a shared domain
 * passes, since a refusal would tell that it is known here: its trial ends when it is verified.
 */
export async function refuseUsedDomain(scope: ControlScope, email: string): Promise<void> {
  if (trialKey(email).includes('@')) return;
  if (!(await isUsed(scope, hashOfTrial(scope, email)))) return;
  throw new Refusal(
    'CONFLICT',
    'your company has had a trial already: register with the free plan, or ask us for another trial',
    { field: 'plan' },
  );
}

/** Refuses with `CONFLICT` a second trial for any of these addresses, or their companies. */
export async function refuseSecondTrial(scope: ControlScope, emails: readonly string[]): Promise<void> {
  for (const email of emails) {
    if (!(await isUsed(scope, hashOfTrial(scope, email)))) continue;
    throw new Refusal(
      'CONFLICT',
      'this company has had a trial already; `again: true` gives it another one',
      { field: 'again' },
    );
  }
}

/** Notes that a company whose address is proven has a trial. Whether it is its first. */
export async function noteTrial(scope: TenantScope, email: string): Promise<boolean> {
  const hash = hashOfTrial(scope, email);
  return atControlPlane(scope, async ({ em, now }) => {
    const noted = await em.execute<unknown[]>(
      `insert into used_trials (key_hash, used_at) values (?, ?) on conflict (key_hash) do nothing returning key_hash`,
      [hash, now],
    );
    return noted.length > 0;
  });
}

async function isUsed({ em }: ControlScope, keyHash: string): Promise<boolean> {
  return (await em.findOne(UsedTrial, { keyHash })) !== null;
}
