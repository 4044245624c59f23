import { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import { deadlineKinds } from '../../domain/lifecycle/deadlines.ts';
import { line } from '../../domain/names.ts';
import { requirePermission } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { countDue } from '../../db/deadlines.ts';
import { PausedDeadline } from '../../db/entities/operations.ts';
import { later } from '../../db/jobs.ts';
import type { ControlScope } from '../../db/scope.ts';

export const pauseDeadlinesInput = z.object({ kind: z.enum(deadlineKinds), note: line(2000) });

/** Every kind of what happens by itself: how much of it is due and waits, and whether operators have paused it. */
export async function listDeadlineKinds(scope: ControlScope) {
  requirePermission(scope.actor, 'deadline.read');
  const paused = new Map((await scope.em.find(PausedDeadline, {})).map((found) => [found.kind, found]));
  const due = await countDue(scope);
  const items = deadlineKinds.map((kind) => {
    const pause = paused.get(kind);
    return {
      kind,
      due: due.get(kind) ?? 0,
      paused: pause
        ? { note: pause.note, at: pause.pausedAt.toISOString(), byId: pause.pausedById ?? null }
        : null,
    };
  });
  return { items, nextCursor: null };
}

/**
 * Stops a kind over all tenants, in every process, from the next one on: what is due of it waits. Pausing `purge` also
 * stops purges that have begun, after the batch at hand. Harmless twice.
 */
export async function pauseDeadlines(scope: ControlScope, input: z.infer<typeof pauseDeadlinesInput>) {
  requirePermission(scope.actor, 'deadline.pause');
  const { kind, note } = input;
  const inserted = await scope.em.execute<unknown[]>(
    `insert into paused_deadlines (kind, note, paused_at, paused_by_id) values (?, ?, ?, ?)
     on conflict do nothing returning kind`,
    [kind, note, scope.now, actorId(scope.actor)],
  );
  if (inserted.length > 0) {
    await record(scope, 'deadline_kind.paused', {
      target: { kind: 'deadline_kind', id: kind },
      details: { note },
    });
  }
  return { kind, paused: true };
}

/** Lets a kind go on: what waited fires at once. `NOT_FOUND` where it is not paused. */
export async function resumeDeadlines(scope: ControlScope, input: z.infer<typeof pauseDeadlinesInput>) {
  requirePermission(scope.actor, 'deadline.pause');
  const { kind, note } = input;
  const resumed = await scope.em.nativeDelete(PausedDeadline, { kind });
  if (resumed === 0) throw new Refusal('NOT_FOUND', 'this kind of deadline is not paused');
  await record(scope, 'deadline_kind.resumed', {
    target: { kind: 'deadline_kind', id: kind },
    details: { note },
  });
  await later(scope, 'deadlines.sweep', {});
  return { kind, paused: false };
}
