/** In how many seconds no more calls get through than a budget has: in any so many, wherever they begin. */
export const callWindowSeconds = 15 * 60;

/**
 * What calls are counted under, each for itself: `people` those of a tenant's people, as many as its plan allows,
 * `scim` those of its directory, so that a sync cannot starve people.
 */
export type CallBudget = 'people' | 'scim';

/** A directory's calls: 50 a second. Entra ID asks for 25 at least (learn.microsoft.com, "Develop a SCIM endpoint"). */
export const scimCalls = 50 * callWindowSeconds;

/** Where a budget stands once a call was counted, or refused. */
export type CallCount = {
  budget: CallBudget;
  allowed: number;
  remaining: number;
  /** In how many seconds the first of what is used comes back. */
  freesInSeconds: number;
  /** For a call that was refused: in how many seconds it would fit. */
  retryAfterSeconds: number | null;
};
