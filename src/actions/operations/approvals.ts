import { createHash } from 'node:crypto';
import { z } from 'zod';
import { actorId } from '../../domain/actors.ts';
import {
  type ApprovableAction,
  approvalDays,
  type ApprovalState,
  approvalStates,
  pendingOfTenant,
} from '../../domain/approvals.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { pageInput } from '../../domain/pages.ts';
import { requirePermission } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { foldCase } from '../../domain/user-attributes.ts';
import { record } from '../../db/audit.ts';
import { Approval } from '../../db/entities/operations.ts';
import { User } from '../../db/entities/user.ts';
import { newId } from '../../db/ids.ts';
import { pageOf } from '../../db/pages.ts';
import { type ControlScope, enterPlace, type TenantScope } from '../../db/scope.ts';
import { approvables, type StoredInput } from './approvable.ts';
import { describeApproval } from './approval-description.ts';
import { tellDeciders } from './approval-mails.ts';
import { expireOverdue } from './approval-expiry.ts';

/** What somebody asked to do, and was told that it needs approval; `tenantId` is that of none where it concerns none. */
export type ApprovalRequest = { tenantId: string; action: ApprovableAction; input: unknown };

export const listApprovalsInput = pageInput.extend({
  state: z.enum(approvalStates).optional(),
  tenantId: z.uuid().optional(),
  /** Only what was run alone and nobody has looked at yet. */
  unreviewed: z.boolean().optional(),
});

const attempts = 3;

/**
 * Stores what the scope's actor asked to do, for a second person to approve, and tells those who may. Asked again by
 * the same person while it is pending, also at the same moment, it is the same approval.
 */
export function requestApproval(
  scope: ControlScope,
  { tenantId, action, input }: ApprovalRequest,
): Promise<{ approvalId: string; expiresAt: string }> {
  const stored = approvables[action].read(input);
  return enterPlace(scope, tenantId, async (place) => {
    const key = {
      tenantId,
      action,
      inputHash: hashRequest({ tenantId, action, input: stored }),
      requestedByKey: await personKey(place),
    };
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      await expireOverdue(place, key);
      const known = await findPending(place, key);
      if (!known) await requireRoom(place);
      const approval = known ?? (await insertOnce(place, key, stored)) ?? (await findPending(place, key));
      if (approval) return { approvalId: approval.id, expiresAt: approval.expiresAt.toISOString() };
      // It was decided between the two statements: what is asked now is a new request.
    }
    throw new Refusal('CONFLICT', 'this request is being decided at this moment');
  });
}

/** What waits for approval and what became of it, over all tenants, newest first. */
export function listApprovals(scope: ControlScope, input: z.infer<typeof listApprovalsInput>) {
  requirePermission(scope.actor, 'approval.read');
  const { state, tenantId, unreviewed } = input;
  const where = {
    ...(state ? inState(state, scope.now) : {}),
    ...(tenantId ? { tenantId } : {}),
    ...(unreviewed ? { brokenGlass: true, reviewedAt: null } : {}),
  };
  return pageOf({
    page: input,
    find: (newestFirst, after) => scope.em.find(Approval, { ...where, ...after }, newestFirst),
    describe: (approval) => describeApproval(approval, scope.now),
  });
}

/** What is overdue counts as expired, also before that is noted. */
function inState(state: ApprovalState, now: Date) {
  if (state === 'pending') return { state, expiresAt: { $gt: now } };
  if (state !== 'expired') return { state };
  return { $or: [{ state }, { state: 'pending' as const, expiresAt: { $lte: now } }] };
}

/** What an approval is bound to. */
export function hashRequest({ tenantId, action, input }: ApprovalRequest): string {
  return createHash('sha256').update(canonicalJson({ tenantId, action, input })).digest('hex');
}

/** Who an actor is as a person, whatever account or token they use: an e-mail address. */
async function personKey({ actor, ...scope }: TenantScope | ControlScope): Promise<string> {
  if (actor.kind === 'operator') return foldCase(actor.email);
  if (actor.kind === 'user' && scope.kind === 'tenant') {
    const { emailKey } = await scope.em.findOneOrFail(User, { tenantId: scope.tenant.id, id: actor.id });
    return emailKey ?? `user:${actor.id}`;
  }
  throw new Refusal('PERMISSION_DENIED', 'only a person can ask for approval');
}

type PendingKey = Pick<Approval, 'tenantId' | 'inputHash' | 'requestedByKey'> & { action: ApprovableAction };

/** Keeps a tenant's people from flooding the operators with requests. */
async function requireRoom({ em, actor, ownerId, now }: TenantScope | ControlScope): Promise<void> {
  if (actor.kind !== 'user') return;
  const waiting = {
    tenantId: ownerId,
    state: 'pending' as const,
    requestedByKind: 'user',
    expiresAt: { $gt: now },
  };
  if ((await em.count(Approval, waiting)) < pendingOfTenant) return;
  throw new Refusal('CONFLICT', 'several requests of this tenant wait for approval already');
}

/** Stores a request, or waits for who is storing the same one and gives `null`. */
async function insertOnce(place: TenantScope | ControlScope, key: PendingKey, input: StoredInput) {
  const { em, actor, now } = place;
  const id = newId();
  const expiresAt = daysAfter(now, approvalDays);
  const inserted = await em.execute<unknown[]>(
    `insert into approvals (tenant_id, id, action, input, input_hash, requested_at, expires_at,
       requested_by_kind, requested_by_id, requested_session_id, requested_by_key)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (tenant_id, action, input_hash, requested_by_key) where state = 'pending' do nothing returning id`,
    [
      key.tenantId,
      id,
      key.action,
      JSON.stringify(input),
      key.inputHash,
      now,
      expiresAt,
      actor.kind,
      actorId(actor),
      actor.kind === 'user' ? actor.sessionId : null,
      key.requestedByKey,
    ],
  );
  if (inserted.length === 0) return null;
  const details = { action: key.action, input, expiresAt: expiresAt.toISOString() };
  await record(place, 'approval.requested', { target: { kind: 'approval', id }, details });
  await tellDeciders(place, 'approval_requested', { id, ...key });
  return { id, expiresAt };
}

function findPending({ em }: TenantScope | ControlScope, key: PendingKey): Promise<Approval | null> {
  return em.findOne(Approval, { ...key, state: 'pending' });
}
