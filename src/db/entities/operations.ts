import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { type ApprovableAction, approvalStates } from '../../domain/approvals.ts';
import { operatorRoles } from '../../domain/actors.ts';
import { taskKinds } from '../../domain/lifecycle/closing-tasks.ts';
import type { DeadlineKind } from '../../domain/lifecycle/deadlines.ts';
import { plans } from '../../domain/plans/catalogue.ts';
import { priorities } from '../../domain/lifecycle/priorities.ts';
import { needsTenant, routesToTenant } from '../policies.ts';
import { Tenant } from './tenant.ts';

/** A piece of work in the operators' queue, about one tenant. */
export const Task = defineEntity({
  name: 'Task',
  tableName: 'tasks',
  ...routesToTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary(),
    kind: p.enum(taskKinds),
    priority: p.enum(priorities),
    ownerRole: p.enum(operatorRoles),
    backupRole: p.enum(operatorRoles),
    /** The suspension or offboarding it is about. */
    subjectId: p.uuid().strictNullable(),
    createdAt: p.datetime(),
    /** In the tenant's own time. */
    dueAt: p.datetime(),
    escalatedAt: p.datetime().strictNullable(),
    doneAt: p.datetime().strictNullable(),
    doneByKind: p.text().strictNullable(),
    doneById: p.uuid().strictNullable(),
    note: p.text().strictNullable(),
    /** Where it can be seen that it was done: an archive's address, a ticket. */
    evidence: p.text().strictNullable(),
  },
  indexes: [
    { name: 'tasks_queue_index', properties: ['priority', 'dueAt'], where: 'done_at is null' },
    { name: 'tasks_subject_index', properties: ['tenantId', 'subjectId'] },
  ],
  checks: [{ name: 'tasks_done_check', expression: '(done_at is null) = (done_by_kind is null)' }],
});
export type Task = InferEntity<typeof Task>;

/** A dangerous action with its exact input, waiting for a second person; `noTenant` where it concerns none. */
export const Approval = defineEntity({
  name: 'Approval',
  tableName: 'approvals',
  ...routesToTenant,
  triggers: [needsTenant('approvals')],
  properties: {
    tenantId: p.uuid().primary(),
    id: p.uuid().primary(),
    /** The procedure that runs, such as `offboarding.purge`. */
    action: p.text().$type<ApprovableAction>(),
    input: p.json().$type<Record<string, unknown>>(),
    inputHash: p.text(),
    state: p.enum(approvalStates).default('pending'),
    requestedAt: p.datetime(),
    expiresAt: p.datetime(),
    requestedByKind: p.text(),
    requestedById: p.uuid(),
    /** The session behind a tenant's own person who asked. */
    requestedSessionId: p.uuid().strictNullable(),
    /** A person is an e-mail address: its normalised form. */
    requestedByKey: p.text(),
    decidedAt: p.datetime().strictNullable(),
    decidedById: p.uuid().strictNullable(),
    decidedByKey: p.text().strictNullable(),
    decisionNote: p.text().strictNullable(),
    /** Why it was refused when it ran: the reason and its sentence. */
    failure: p.text().strictNullable(),
    /** Who asked ran it alone, in an emergency; another operator has to look at it afterwards. */
    brokenGlass: p.boolean().default(false),
    reviewedAt: p.datetime().strictNullable(),
    reviewedByKey: p.text().strictNullable(),
    reviewNote: p.text().strictNullable(),
    escalatedAt: p.datetime().strictNullable(),
  },
  uniques: [
    {
      name: 'approvals_pending_unique',
      properties: ['tenantId', 'action', 'inputHash', 'requestedByKey'],
      where: `state = 'pending'`,
    },
    {
      name: 'approvals_unreviewed_unique',
      properties: ['requestedByKey'],
      where: 'broken_glass and reviewed_at is null',
    },
  ],
  indexes: [{ name: 'approvals_expiry_index', properties: ['expiresAt'], where: `state = 'pending'` }],
  checks: [
    {
      name: 'approvals_two_people_check',
      expression: `decided_by_key is null or decided_by_key <> requested_by_key or broken_glass or state = 'rejected'`,
    },
    {
      name: 'approvals_review_check',
      expression: `reviewed_by_key is null or (broken_glass and reviewed_by_key <> requested_by_key)`,
    },
    {
      name: 'approvals_decided_check',
      expression: `(state <> 'approved' and state <> 'rejected') or (decided_at is not null and decided_by_key is not null)`,
    },
  ],
});
export type Approval = InferEntity<typeof Approval>;

/** A kind of deadline that operators have stopped over all tenants: nothing of it fires until it is resumed. */
export const PausedDeadline = defineEntity({
  name: 'PausedDeadline',
  tableName: 'paused_deadlines',
  properties: {
    kind: p.text().$type<DeadlineKind>().primary(),
    note: p.text(),
    pausedAt: p.datetime(),
    pausedById: p.uuid().strictNullable(),
  },
});
export type PausedDeadline = InferEntity<typeof PausedDeadline>;

/** What operators decided for all tenants of a plan, over what the catalogue says. */
export const PlanPolicy = defineEntity({
  name: 'PlanPolicy',
  tableName: 'plan_policies',
  properties: {
    plan: p.enum(plans).primary(),
    /** Days without a sign-in or call after which a tenant is suspended; `null`: never. */
    inactivityDays: p.integer().strictNullable(),
    /** Days between offboarding and purge; `null`: as the catalogue says. */
    retentionDays: p.integer().strictNullable(),
    updatedAt: p.datetime(),
  },
});
export type PlanPolicy = InferEntity<typeof PlanPolicy>;
