import { z } from 'zod';
import { taskTerms } from '../../domain/lifecycle/closing-tasks.ts';
import { priorities } from '../../domain/lifecycle/priorities.ts';
import { pageInput } from '../../domain/pages.ts';
import { requirePermission } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { Task } from '../../db/entities/operations.ts';
import type { ControlScope } from '../../db/scope.ts';

export const listTasksInput = pageInput.extend({
  tenantId: z.uuid().optional(),
  priority: z.enum(priorities).optional(),
  done: z.boolean().default(false),
});

const place = z.tuple([z.enum(priorities), z.iso.datetime(), z.uuid()]);

/** The operators' queue over all tenants: the most pressing first, then what is due first. */
export async function listTasks({ em, actor }: ControlScope, input: z.infer<typeof listTasksInput>) {
  requirePermission(actor, 'task.read');
  const { tenantId, priority, done, limit, cursor } = input;
  const found = await em.find(
    Task,
    {
      $and: [
        { doneAt: done ? { $ne: null } : null },
        tenantId ? { tenantId } : {},
        priority ? { priority } : {},
        cursor === undefined ? {} : behind(cursor),
      ],
    },
    { orderBy: { priority: 'asc', dueAt: 'asc', id: 'asc' }, limit: limit + 1 },
  );
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  return { items: shown.map(describeTask), nextCursor: last ? cursorOf(last) : null };
}

/** A task as operators see it. */
export function describeTask(task: Task) {
  return {
    id: task.id,
    tenantId: task.tenantId,
    kind: task.kind,
    title: taskTerms[task.kind].title,
    priority: task.priority,
    owner: task.ownerRole,
    backup: task.backupRole,
    subjectId: task.subjectId ?? null,
    createdAt: task.createdAt.toISOString(),
    dueAt: task.dueAt.toISOString(),
    escalatedAt: task.escalatedAt?.toISOString() ?? null,
    doneAt: task.doneAt?.toISOString() ?? null,
    doneBy: task.doneByKind ? { kind: task.doneByKind, id: task.doneById ?? null } : null,
    note: task.note ?? null,
    evidence: task.evidence ?? null,
  };
}

/** The tasks that come after the last one of a page. */
function behind(cursor: string) {
  const parsed = place.safeParse(Buffer.from(cursor, 'base64url').toString().split(' '));
  if (!parsed.success) throw new Refusal('INVALID_INPUT', 'cursor: not one that a list has given');
  const [priority, due, id] = parsed.data;
  const dueAt = new Date(due);
  return {
    $or: [
      { priority: { $gt: priority } },
      { priority, dueAt: { $gt: dueAt } },
      { priority, dueAt, id: { $gt: id } },
    ],
  };
}

function cursorOf({ priority, dueAt, id }: Task): string {
  return Buffer.from([priority, dueAt.toISOString(), id].join(' ')).toString('base64url');
}
