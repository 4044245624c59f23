/** Where a request for a second person's approval stands. */
export const approvalStates = ['pending', 'approved', 'rejected', 'expired', 'failed'] as const;
export type ApprovalState = (typeof approvalStates)[number];

/** Days after which an approval that nobody gave is worth nothing. */
export const approvalDays = 7;

/** What may need a second person, by the procedure that runs, and whether one person may run it in an emergency. */
export const approvableActions = {
  'offboarding.schedule': { breakGlass: true },
  'offboarding.execute': { breakGlass: true },
  // What is deleted cannot be brought back: no emergency asks for it.
  'offboarding.purge': { breakGlass: false },
  'offboarding.releaseHold': { breakGlass: false },
  'operators.setRole': { breakGlass: true },
} as const satisfies Record<string, { breakGlass: boolean }>;
export type ApprovableAction = keyof typeof approvableActions;

/** Whether a procedure is one that may need approval. */
export function isApprovable(name: string): name is ApprovableAction {
  return Object.hasOwn(approvableActions, name);
}
