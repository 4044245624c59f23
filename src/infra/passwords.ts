import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { Refusal } from '../domain/refusal.ts';

/** Argon2id (the package's default) as OWASP's Password Storage Cheat Sheet asks: 19 MiB, two passes, one lane. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export type PasswordHasher = {
  /** A PHC string of the password in NFKC, as NIST SP 800-63B asks. */
  hashPassword: (password: string) => Promise<string>;
  /** Whether the password fits. Without a stored hash it takes as long, and answers false. */
  verifyPassword: (password: string, storedHash: string | null) => Promise<boolean>;
};

export type PasswordHasherOptions = {
  /** How many hashes are computed at once: each takes a processor and 19 MiB. */
  concurrentHashes?: number;
  /** How many may wait; one more is refused with `RATE_LIMITED`. */
  waitingHashes?: number;
};

/** Hashes passwords, never more than a few at once. */
export function createPasswordHasher({
  concurrentHashes = 2,
  waitingHashes = 200,
}: PasswordHasherOptions = {}): PasswordHasher {
  const run = limitConcurrency(concurrentHashes, waitingHashes);
  const nobodysHash = makeUnmatchedHash();
  return {
    hashPassword: (password) => run(() => hash(password.normalize('NFKC'), parameters)),
    async verifyPassword(password, storedHash) {
      const fits = await run(() => verify(storedHash ?? nobodysHash, password.normalize('NFKC')));
      return fits && storedHash !== null;
    },
  };
}

function limitConcurrency(limit: number, waitingLimit: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < limit) {
      running += 1;
    } else {
      if (waiting.length >= waitingLimit) {
        throw new Refusal('RATE_LIMITED', 'too many sign-ins at this moment', { retryAfterSeconds: 5 });
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      // Whoever waits inherits the place; only when nobody does it becomes free.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

/** A hash of the same cost that no password is known to fit. */
function makeUnmatchedHash(): string {
  const { memoryCost, timeCost, parallelism } = parameters;
  const [salt, digest] = [16, 32].map((bytes) => randomBytes(bytes).toString('base64').replace(/=+$/, ''));
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${salt}$${digest}`;
}
