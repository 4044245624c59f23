import { type OperatorRole, operatorRoles } from './actors.ts';
import { type Action, mayOperate } from './permissions.ts';

/** Where a request for a second person's approval stands. */
export const approvalStates = ['pending', 'approved', 'rejected', 'expired', 'failed'] as const;
export type ApprovalState = (typeof approvalStates)[number];

/** Days after which an approval that nobody gave is worth nothing. */
export const approvalDays = 7;

/** How many requests of a tenant's own people may wait at once: each is mailed to every operator who may decide. */
export const pendingOfTenant = 5;

/**
 * What may need a second person, by the procedure that runs: who may do it at all, and so may approve it, and
 * whether one person may run it alone in an emergency.
 */
export const approvableActions = {
  'offboarding.schedule': { permission: 'offboarding.steer', breakGlass: true },
  'offboarding.execute': { permission: 'offboarding.execute', breakGlass: true },
  // What is deleted cannot be brought back: no emergency asks for it.
  'offboarding.purge': { permission: 'offboarding.purge', breakGlass: false },
  'offboarding.releaseHold': { permission: 'legal_hold.steer', breakGlass: false },
  'operators.setRole': { permission: 'operator.write', breakGlass: true },
} as const satisfies Record<string, { permission: Action; breakGlass: boolean }>;
export type ApprovableAction = keyof typeof approvableActions;

/** Whether a procedure is one that may need approval. */
export function isApprovable(name: string): name is ApprovableAction {
  return Object.hasOwn(approvableActions, name);
}

/** The roles that may decide over such an action: who approves could do it, too. */
export function decidingRoles(action: ApprovableAction): OperatorRole[] {
  const { permission } = approvableActions[action];
  return operatorRoles.filter((role) => mayOperate(role, 'approval.decide') && mayOperate(role, permission));
}

/** What each role of operators is over, from the least powerful. */
const ranks: Record<OperatorRole, number> = { read_only: 0, billing: 1, customer_success: 2, engineering: 3 };

/** Whether a change of role raises an operator, for which one person is not enough. */
export function isRaise(before: OperatorRole, after: OperatorRole): boolean {
  return ranks[after] > ranks[before];
}

/** Whether an approval that says it is pending has waited too long: it cannot be given any more. */
export function isOverdue(
  { state, expiresAt }: { state: ApprovalState; expiresAt: Date },
  now: Date,
): boolean {
  return state === 'pending' && expiresAt <= now;
}
