import { taskTerms } from '../../domain/lifecycle/closing-tasks.ts';
import { layOutMail, type MailContent } from '../../domain/texts/mail-layout.ts';
import { mailContents, type OperatorNotice } from '../../domain/texts/mails.ts';
import { operatorPlace, writeMoment } from '../../domain/texts/moments.ts';
import type { ToldTenant } from '../../domain/texts/operator-mails.ts';
import { Operator } from '../../db/entities/control.ts';
import { Offboarding } from '../../db/entities/offboarding.ts';
import { Approval, Task } from '../../db/entities/operations.ts';
import { PlanRequest } from '../../db/entities/plans.ts';
import { User } from '../../db/entities/user.ts';
import { WebhookEndpoint } from '../../db/entities/webhook.ts';
import { Suspension } from '../../db/entities/work.ts';
import { atControlPlane, type ControlScope, type TenantScope } from '../../db/scope.ts';
import { writeMassDeprovisioningAlert } from './directory-writing.ts';
import type { MailPlaces, Writing } from './written-mail.ts';

/** Writes what an operator is told, about a tenant or about none. */
export async function writeOperatorMail(
  scope: TenantScope | ControlScope,
  request: OperatorNotice,
  places: MailPlaces,
): Promise<Writing> {
  const operator = await findOperator(scope, request.operatorId);
  if (!operator || operator.revokedAt) return { withheld: 'the operator has been revoked' };
  const content = await contentOf(scope, request);
  if (!content) return { withheld: 'what it tells of is not so any more' };
  return { to: operator.email, ...layOutMail(content, operator.name, places) };
}

function findOperator(scope: TenantScope | ControlScope, id: string): Promise<Operator | null> {
  const find = ({ em }: ControlScope) => em.findOne(Operator, id);
  return scope.kind === 'control' ? find(scope) : atControlPlane(scope, find);
}

async function contentOf(
  scope: TenantScope | ControlScope,
  request: OperatorNotice,
): Promise<MailContent | null> {
  switch (request.mail) {
    case 'suspension_alert':
      return scope.kind === 'tenant' ? aboutSuspension(scope, request.suspensionId) : null;
    case 'task_escalated':
      return scope.kind === 'tenant' ? aboutTask(scope, request.taskId) : null;
    case 'mass_deprovisioning_alert':
      return scope.kind === 'tenant' ? writeMassDeprovisioningAlert(scope, request.alarmId) : null;
    case 'plan_requested':
      return scope.kind === 'tenant' ? aboutPlanRequest(scope, request.requestId) : null;
    case 'approval_requested':
    case 'approval_escalated':
    case 'glass_broken':
      return aboutApproval(scope, request);
    default:
      return aboutWebhook(scope, request.endpointId);
  }
}

async function aboutPlanRequest({ em, tenant }: TenantScope, id: string): Promise<MailContent | null> {
  const request = await em.findOne(PlanRequest, { tenantId: tenant.id, id, state: 'open' });
  if (!request) return null;
  const { plan: wanted, note } = request;
  return mailContents.plan_requested({ tenant: told(tenant), requestId: id, wanted, note: note ?? null });
}

async function aboutSuspension(scope: TenantScope, id: string): Promise<MailContent | null> {
  const { em, tenant } = scope;
  const tenantId = tenant.id;
  const suspension = await em.findOne(Suspension, { tenantId, id });
  if (!suspension) return null;
  const open = { tenantId, liftedAt: null, startedAt: { $ne: null }, id: { $ne: id } };
  const others = await em.find(Suspension, open, { orderBy: { id: 'asc' } });
  const leaving = await em.findOne(Offboarding, { tenantId, phase: 'scheduled' });
  return mailContents.suspension_alert({
    tenant: told(tenant),
    cause: suspension.trigger,
    mode: suspension.mode,
    note: suspension.note,
    by: await nameRaiser(scope, suspension),
    since: write(suspension.startedAt ?? suspension.startsAt),
    others: others.map(({ trigger }) => trigger),
    endsOn: leaving && write(leaving.effectiveAt),
  });
}

async function nameRaiser(scope: TenantScope, { raisedByKind, raisedById }: Suspension): Promise<string> {
  if (raisedByKind === 'operator' && raisedById) {
    return (await findOperator(scope, raisedById))?.email ?? `operator ${raisedById}`;
  }
  if (raisedByKind === 'user' && raisedById) {
    const user = await scope.em.findOne(User, { tenantId: scope.tenant.id, id: raisedById });
    return `${user?.email ?? raisedById}, an owner of the tenant`;
  }
  return `the ${raisedByKind}`;
}

async function aboutTask({ em, tenant }: TenantScope, id: string): Promise<MailContent | null> {
  const task = await em.findOne(Task, { tenantId: tenant.id, id, doneAt: null });
  if (!task) return null;
  return mailContents.task_escalated({
    tenant: told(tenant),
    taskId: id,
    title: taskTerms[task.kind].title,
    priority: task.priority,
    owner: task.ownerRole,
    dueOn: write(task.dueAt),
  });
}

async function aboutApproval(
  scope: TenantScope | ControlScope,
  { mail, approvalId }: Extract<OperatorNotice, { approvalId: string }>,
): Promise<MailContent | null> {
  const approval = await scope.em.findOne(Approval, { tenantId: scope.ownerId, id: approvalId });
  if (!approval) return null;
  const facts = {
    tenant: scope.kind === 'tenant' ? told(scope.tenant) : null,
    approvalId,
    action: approval.action,
    input: approval.input,
    by: approval.requestedByKey,
    askedOn: write(approval.requestedAt),
    expiresOn: write(approval.expiresAt),
  };
  if (mail === 'glass_broken') {
    return mailContents.glass_broken({ ...facts, reason: approval.decisionNote ?? '' });
  }
  return approval.state === 'pending' ? mailContents[mail](facts) : null;
}

async function aboutWebhook(
  { em, ownerId }: TenantScope | ControlScope,
  id: string,
): Promise<MailContent | null> {
  const endpoint = await em.findOne(WebhookEndpoint, { tenantId: ownerId, id });
  if (!endpoint?.disabledAt) return null;
  const reason = endpoint.disabledReason ?? '';
  return mailContents.operator_webhook_disabled({ endpoint: endpoint.url, reason });
}

function told({ id, name, slug, plan, status }: TenantScope['tenant']): ToldTenant {
  return { id, name, slug, plan, status };
}

function write(moment: Date): string {
  return writeMoment(moment, operatorPlace);
}
