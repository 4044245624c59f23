import { expect, test } from 'vitest';
import {
  describeToken,
  foreseeQuarantine,
  stateOfToken,
  type TokenFacts,
} from '../../../src/domain/directory/token-health.ts';

const now = new Date('2026-11-25T12:00:00Z');
const days = (count: number) => new Date(now.getTime() + count * 86_400_000);
const healthy: TokenFacts = {
  revokedAt: null,
  expiresAt: null,
  disabled: false,
  lastRequestAt: days(-0.01),
  lastSuccessAt: days(-0.01),
  requests: 100,
  refused: 0,
  tokenRefused: false,
};

test.each([
  [{}, 'working', 'it works'],
  [{ refused: 40 }, 'working', 'it works, but 40 of 100 requests in 24 hours were refused: the log says why'],
  [
    { refused: 41 },
    'failing',
    '41 of 100 requests in 24 hours were refused: the log says why, request by request',
  ],
  [{ lastRequestAt: null, requests: 0 }, 'unused', 'no directory has used it yet'],
  [{ requests: 0 }, 'silent', /^nothing was asked with it for 24 hours/],
  [{ disabled: true, refused: 100 }, 'disabled', /^the plan is without SCIM/],
  [{ expiresAt: now }, 'expired', /^it has expired: rotate it/],
  [{ expiresAt: days(-1), revokedAt: days(-2) }, 'revoked', /^it was revoked: [^;]+$/],
  [{ expiresAt: days(31) }, 'working', 'it works'],
  [{ expiresAt: days(30) }, 'working', 'it works; it expires in 30 days'],
  [{ expiresAt: days(0.1), lastRequestAt: null }, 'unused', /; it expires in 1 day$/],
])('a token of which is known %o is %s', (known, state, verdict) => {
  const facts = { ...healthy, ...known };

  expect(stateOfToken(facts, now)).toBe(state);
  expect(describeToken(facts, now)).toEqual(
    typeof verdict === 'string' ? verdict : expect.stringMatching(verdict),
  );
});

test.each([
  [{ requests: 100, refused: 100 }, null],
  [{ requests: 6000, refused: 2499 }, null],
  [
    { requests: 6000, refused: 2500 },
    /^Entra ID quarantines a job above 40 %.+: there were 2500 in 24 hours$/,
  ],
  [{ requests: 6251, refused: 2500 }, null],
  [{ requests: 200_000, refused: 19_999 }, null],
  [{ requests: 200_000, refused: 20_000 }, /40,000 failures/],
  [{ tokenRefused: true }, /credentials are not valid$/],
])('of %o is foreseen %s', (known, expected) => {
  const foreseen = foreseeQuarantine({ ...healthy, ...known });

  expect(foreseen).toEqual(expected === null ? null : expect.stringMatching(expected));
});
