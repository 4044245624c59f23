import type { Actor, GivenApproval } from '../../domain/actors.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { Operator } from '../../db/entities/control.ts';
import { Approval } from '../../db/entities/operations.ts';
import { User } from '../../db/entities/user.ts';
import { type ControlScope, enterPlace, enterTenant, fromSavepoint } from '../../db/scope.ts';
import { approvables } from './approvable.ts';
import { describeApproval } from './approval-description.ts';

/** What becomes of an approval with its decision, and what is told of that before it runs. */
type Decision = {
  given: GivenApproval;
  changes: Partial<Approval>;
  tell(scope: ControlScope): Promise<void>;
};

/**
 * Runs what was asked for, as who asked and with every rule checked again, and answers with its result. If it is
 * refused, nothing of it happens, the approval has failed, and the refusal stands in the answer: the transaction is
 * to commit.
 */
export async function runApproved(scope: ControlScope, approval: Approval, decision: Decision) {
  const key = { tenantId: approval.tenantId, id: approval.id };
  const outcome = await fromSavepoint(scope, async (inside) => {
    await inside.em.nativeUpdate(Approval, key, { ...decision.changes, state: 'approved' });
    await decision.tell(inside);
    const actor = { ...(await whoAsked(inside, approval)), approval: decision.given };
    // Who asked is not there: the request is that of who approves.
    const origin = { ...inside.origin, ip: null, userAgent: null };
    return approvables[approval.action].run({ ...inside, actor, origin }, approval);
  });
  if ('refusal' in outcome) await fail(scope, approval, { decision, refusal: outcome.refusal });
  await scope.em.refresh(approval);
  const described = describeApproval(approval, scope.now);
  if ('result' in outcome) return { approval: described, result: outcome.result };
  const { reason, message, data } = outcome.refusal;
  return { approval: described, result: null, refusal: { reason, message, data } };
}

/** Who asked, as they are today, or `PERMISSION_DENIED` where they may not ask any more. */
async function whoAsked(scope: ControlScope, approval: Approval): Promise<Actor> {
  const { requestedByKind, requestedById: id, requestedSessionId: sessionId, tenantId } = approval;
  if (requestedByKind === 'operator') {
    const operator = await scope.em.findOne(Operator, { id, revokedAt: null });
    if (operator) return { kind: 'operator', id, email: operator.email, role: operator.role };
  } else if (sessionId) {
    const user = await enterTenant(scope, tenantId, ({ em }) =>
      em.findOne(User, { tenantId, id, active: true }),
    );
    if (user) {
      return { kind: 'user', id, role: user.role, emailVerified: user.emailVerifiedAt !== null, sessionId };
    }
  }
  throw new Refusal('PERMISSION_DENIED', 'who asked for this may not do it any more');
}

/** Keeps that an approval was given in vain, and why. */
async function fail(
  scope: ControlScope,
  { tenantId, id, action }: Approval,
  { decision, refusal }: { decision: Decision; refusal: Refusal },
): Promise<void> {
  const { given, changes } = decision;
  const failure = `${refusal.reason}: ${refusal.message}`;
  // Nothing was done alone: there is nothing to review, and nobody who decided.
  const alone = given.brokenGlass ? { brokenGlass: false, decidedById: null, decidedByKey: null } : {};
  await scope.em.nativeUpdate(Approval, { tenantId, id }, { ...changes, ...alone, state: 'failed', failure });
  await enterPlace(scope, tenantId, (place) =>
    record(place, 'approval.failed', {
      target: { kind: 'approval', id },
      details: { action, reason: refusal.reason, brokenGlass: given.brokenGlass },
    }),
  );
}
