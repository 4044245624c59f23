import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { Refusal } from '../domain/refusal.ts';
import type { ControlPool } from './control-pool.ts';

/** What is counted: how many in how many seconds, over all processes. */
const limits = {
  /** Failed sign-ins for one e-mail address. */
  sign_in_account: { points: 10, duration: 15 * 60 },
  /** Failed sign-ins from one network address. */
  sign_in_address: { points: 200, duration: 15 * 60 },
  /** Mails that anybody can cause to one e-mail address. */
  mail_account: { points: 5, duration: 60 * 60 },
  mail_address: { points: 500, duration: 60 * 60 },
  /** Invitations to one e-mail address in one tenant. */
  invitation_mail: { points: 5, duration: 60 * 60 },
  /** New tenants from one network address. */
  registration_address: { points: 500, duration: 60 * 60 },
  /** Guesses at links and codes from one network address. */
  link_address: { points: 500, duration: 15 * 60 },
} as const;
export type ThrottleKind = keyof typeof limits;

export type Throttle = {
  /** Counts one, or refuses with `RATE_LIMITED` and the seconds to wait. */
  take(kind: ThrottleKind, key: string): Promise<void>;
  /** Takes one back: what was counted did no harm. */
  giveBack(kind: ThrottleKind, key: string): Promise<void>;
};

/** Counts in PostgreSQL. Keys are hashed by the caller where they are personal. */
export function createThrottle(pool: ControlPool): Throttle {
  const limiterOf = (kind: ThrottleKind) =>
    new RateLimiterPostgres({
      ...limits[kind],
      storeClient: pool,
      storeType: 'pool',
      tableName: 'rate_limits',
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix: kind,
    });
  const limiters = new Map<ThrottleKind, RateLimiterPostgres>();
  const find = (kind: ThrottleKind) => {
    const limiter = limiters.get(kind) ?? limiterOf(kind);
    limiters.set(kind, limiter);
    return limiter;
  };
  return {
    async take(kind, key) {
      try {
        await find(kind).consume(key);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        const retryAfterSeconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
        throw new Refusal('RATE_LIMITED', `too many attempts: try again in ${retryAfterSeconds} seconds`, {
          retryAfterSeconds,
        });
      }
    },
    async giveBack(kind, key) {
      await find(kind).reward(key);
    },
  };
}
