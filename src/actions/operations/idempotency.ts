import { createHash } from 'node:crypto';
import { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { Refusal } from '../../domain/refusal.ts';
import { IdempotencyKey } from '../../db/entities/audit.ts';
import type { Scope, TenantScope } from '../../db/scope.ts';

/**
 * Runs a mutation once for its key and actor: a repetition gets the first answer, also when both arrive at once.
 * The same key with another input is `CONFLICT`. A refused mutation leaves no trace, so its key is free again.
 */
export async function once<T>(
  scope: Scope | TenantScope,
  { key, input }: { key: string; input: unknown },
  work: () => Promise<T>,
): Promise<T> {
  const { em, actor } = scope;
  const id = { tenantId: scope.ownerId, actor: `${actor.kind}:${actorId(actor) ?? ''}`, key };
  const inputHash = createHash('sha256').update(canonicalJson(input)).digest('hex');
  const context = `idempotency:${id.actor}:${key}`;
  const box = 'key' in scope ? scope.key : scope.ports.master;
  // The second of two waits here until the first has committed or rolled back.
  const inserted = await em.execute<unknown[]>(
    `insert into idempotency_keys (tenant_id, actor, key, input_hash, created_at) values (?, ?, ?, ?, ?)
     on conflict do nothing returning key`,
    [id.tenantId, id.actor, key, inputHash, scope.now],
  );
  if (inserted.length === 0) {
    const first = await em.findOneOrFail(IdempotencyKey, id);
    if (first.inputHash !== inputHash) {
      throw new Refusal('CONFLICT', 'this idempotencyKey was used with another input');
    }
    // Sealed below by the first run of the same work: JSON of a T by construction.
    return z.custom<T>().parse(JSON.parse(box.openText(first.answerSealed ?? '', context)));
  }
  const answer = await work();
  await em.flush();
  const answerSealed = box.seal(JSON.stringify(answer ?? null), context);
  await em.nativeUpdate(IdempotencyKey, id, { answerSealed });
  return answer;
}
