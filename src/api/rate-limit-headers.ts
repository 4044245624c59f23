import { type CallCount, callWindowSeconds } from '../domain/plans/api-calls.ts';

/**
 * What an answer says of a budget (draft-ietf-httpapi-ratelimit-headers-11 §3 and §4), and for a refused one when to
 * come again. The window slides: `t` is when the first of what is used comes back, not when all of it does.
 */
export function rateLimitHeaders(count: CallCount, status: number): Record<string, string> {
  const { budget, allowed, remaining, freesInSeconds, retryAfterSeconds } = count;
  return {
    'ratelimit-policy': `"${budget}";q=${allowed};w=${callWindowSeconds}`,
    ratelimit: `"${budget}";r=${remaining};t=${freesInSeconds}`,
    ...(status === 429 && retryAfterSeconds !== null && { 'retry-after': String(retryAfterSeconds) }),
  };
}
