import { writeDays } from '../texts/moments.ts';

/** What is known of a token and of the directory behind it. `refused` is without 404, which says that nobody is there. */
export type TokenFacts = {
  revokedAt: Date | null;
  expiresAt: Date | null;
  /** The plan is without SCIM. */
  disabled: boolean;
  lastRequestAt: Date | null;
  lastSuccessAt: Date | null;
  /** In the last 24 hours. */
  requests: number;
  refused: number;
  /** Whether the token itself was refused after the last request that succeeded. */
  tokenRefused: boolean;
};

/** How a token and its directory can stand. */
const tokenStates = ['revoked', 'expired', 'disabled', 'unused', 'silent', 'failing', 'working'] as const;
export type TokenState = (typeof tokenStates)[number];

const DAY = 86_400_000;
/** From which share of refused requests on a directory is said to fail. */
const failingShare = 0.4;

/** How a token and its directory stand, in one word. */
export function stateOfToken(facts: TokenFacts, now: Date): TokenState {
  if (facts.revokedAt) return 'revoked';
  if (facts.expiresAt && facts.expiresAt <= now) return 'expired';
  if (facts.disabled) return 'disabled';
  if (!facts.lastRequestAt) return 'unused';
  if (facts.requests === 0) return 'silent';
  return facts.refused / facts.requests > failingShare ? 'failing' : 'working';
}

/** The same in a sentence that says what to do. */
export function describeToken(facts: TokenFacts, now: Date): string {
  const { requests, refused } = facts;
  const some = `${refused} of ${requests} requests in 24 hours were refused`;
  const verdicts: Record<TokenState, string> = {
    revoked: 'it was revoked: whoever still sends it is answered 401',
    expired: 'it has expired: rotate it, and give the new one to the identity provider',
    disabled: 'the plan is without SCIM: every request is answered 403, and nothing is changed',
    unused: 'no directory has used it yet',
    silent: 'nothing was asked with it for 24 hours: see whether the identity provider still provisions',
    failing: `${some}: the log says why, request by request`,
    working: refused === 0 ? 'it works' : `it works, but ${some}: the log says why`,
  };
  const state = stateOfToken(facts, now);
  const days = facts.expiresAt ? Math.ceil((facts.expiresAt.getTime() - now.getTime()) / DAY) : Infinity;
  const isEnding = days <= 30 && state !== 'revoked' && state !== 'expired';
  return isEnding ? `${verdicts[state]}; it expires in ${writeDays(days)}` : verdicts[state];
}

/**
 * When Microsoft Entra ID puts a provisioning job into quarantine, in which it asks less and less (MicrosoftDocs/entra-docs,
 * application-provisioning-quarantine-status.md): many failures that are a large share, very many, or credentials that
 * are not valid.
 */
const quarantine = { failures: 5000, share: 0.4, failuresAlone: 40_000 };
/** From which part of those failures on it is near. */
const near = 0.5;

/** Whether an identity provider is about to stop asking by itself, in a sentence; `null` where it is not. */
export function foreseeQuarantine({ requests, refused, tokenRefused }: TokenFacts): string | null {
  if (tokenRefused)
    return 'the token was refused: Entra ID quarantines a job at once whose credentials are not valid';
  const isLargeShare = requests > 0 && refused / requests > quarantine.share;
  const isNear =
    (isLargeShare && refused >= near * quarantine.failures) || refused >= near * quarantine.failuresAlone;
  if (!isNear) return null;
  return `Entra ID quarantines a job above 40 % of failures from 5,000 on, and from 40,000 failures on: there were ${refused} in 24 hours`;
}
