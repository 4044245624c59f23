import { LockMode } from '@mikro-orm/core';
import { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import { type TaskKind, taskTerms } from '../../domain/lifecycle/closing-tasks.ts';
import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { dueDate, escalationDays, type Priority } from '../../domain/lifecycle/priorities.ts';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { clearDeadline, setDeadline } from '../../db/deadlines.ts';
import { Task } from '../../db/entities/operations.ts';
import { newId } from '../../db/ids.ts';
import type { TenantScope } from '../../db/scope.ts';
import { tellOperators } from '../notifications/notices.ts';
import { describeTask } from './task-queue.ts';

export const completeTaskInput = z.object({
  taskId: z.uuid(),
  note: line(2000),
  evidence: line(2000).optional(),
});

/** Who settles a task decides on what is true now. */
const locked = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const;

/** Puts work into the operators' queue: due by its priority, with its backup two days later. */
export async function openTask(
  scope: TenantScope,
  kind: TaskKind,
  { priority, subjectId, dueAt }: { priority: Priority; subjectId: string; dueAt?: Date },
): Promise<Task> {
  const { em, tenant, tenantNow } = scope;
  const { owner, backup } = taskTerms[kind];
  const due = dueAt ?? dueDate(priority, tenantNow, tenant.settings.timeZone);
  const task = em.create(Task, {
    tenantId: tenant.id,
    id: newId(),
    kind,
    priority,
    ownerRole: owner,
    backupRole: backup,
    subjectId,
    createdAt: scope.now,
    dueAt: due,
  });
  await record(scope, 'task.created', {
    target: { kind: 'task', id: task.id },
    details: { kind, priority, dueAt: due.toISOString() },
  });
  await em.flush();
  await setDeadline(scope, 'task_escalation', daysAfter(due, escalationDays), task.id);
  return task;
}

/** Closes what is open about a suspension or an offboarding that is over. */
export async function closeTasksAbout(scope: TenantScope, subjectId: string, note: string): Promise<void> {
  const { em, tenant } = scope;
  const open = await em.find(Task, { tenantId: tenant.id, subjectId, doneAt: null }, locked);
  for (const task of open) await settleTask(scope, task, { note });
}

/** Closes what is open of one kind, with what shows that it is done. */
export async function closeTasksOf(
  scope: TenantScope,
  kind: TaskKind,
  shown: { note: string; evidence: string },
): Promise<void> {
  const open = await scope.em.find(Task, { tenantId: scope.tenant.id, kind, doneAt: null }, locked);
  for (const task of open) await settleTask(scope, task, shown);
}

/** Ticks a task off, with what was done and where it can be seen. */
export async function completeTask(scope: TenantScope, input: z.infer<typeof completeTaskInput>) {
  authorize(scope.actor, scope.tenant, 'task.complete');
  const task = await scope.em.findOne(Task, { tenantId: scope.tenant.id, id: input.taskId }, locked);
  if (!task) throw new Refusal('NOT_FOUND', 'no such task');
  if (task.doneAt) throw new Refusal('CONFLICT', 'this task is done already');
  await settleTask(scope, task, input);
  return describeTask(task);
}

/** Tells the backup of a task that is overdue by two days. */
export async function escalateTask(scope: TenantScope, taskId: string): Promise<void> {
  const task = await scope.em.findOne(Task, { tenantId: scope.tenant.id, id: taskId, doneAt: null }, locked);
  if (!task) return;
  task.escalatedAt = scope.now;
  await record(scope, 'task.escalated', {
    target: { kind: 'task', id: task.id },
    details: { kind: task.kind, to: task.backupRole },
  });
  await tellOperators(
    scope,
    { mail: 'task_escalated', taskId },
    { roles: [task.backupRole], occurrence: taskId },
  );
}

async function settleTask(
  scope: TenantScope,
  task: Task,
  { note, evidence }: { note: string; evidence?: string | undefined },
): Promise<void> {
  Object.assign(task, {
    doneAt: scope.now,
    doneByKind: scope.actor.kind,
    doneById: actorId(scope.actor),
    note,
    evidence: evidence ?? null,
  });
  await clearDeadline(scope, 'task_escalation', task.id);
  await record(scope, 'task.completed', {
    target: { kind: 'task', id: task.id },
    details: { kind: task.kind, note, evidence: evidence ?? null },
  });
}
