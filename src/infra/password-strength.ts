import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { Refusal } from '../domain/refusal.ts';

/** NIST SP 800-63B §3.1.1.2: at least eight characters, at least 64 allowed (four bytes each), and no rule of composition. */
const shortest = 8;
const longestBytes = 256;
/** zxcvbn's "safely unguessable" (10^8 guesses and more). */
const weakestScore = 3;

const reasons: Record<string, string> = {
  straightRow: 'is a row of keys',
  keyPattern: 'is a pattern on the keyboard',
  simpleRepeat: 'repeats a character',
  extendedRepeat: 'repeats a pattern',
  sequences: 'is a sequence such as abc',
  recentYears: 'is little more than a year',
  dates: 'is little more than a date',
  topTen: 'is one of the ten most used passwords',
  topHundred: 'is one of the hundred most used passwords',
  common: 'is a password in common use',
  similarToCommon: 'is close to a password in common use',
  wordByItself: 'is a single word',
  namesByThemselves: 'is a name',
  commonNames: 'is a common name',
  userInputs: 'holds your name, address or organisation',
};

export type PasswordStrength = {
  /**
   * Refuses a password that is too short, too long or easily guessed with `INVALID_INPUT`, and says
   * why. `context` are words an attacker would try first: the person's name, e-mail, organisation.
   */
  assessPassword: (password: string, context: readonly string[]) => Promise<void>;
};

/** Judges new passwords by zxcvbn, whose dictionaries are loaded on first use. */
export function createPasswordStrength(): PasswordStrength {
  let estimator: Promise<ZxcvbnFactory> | undefined;
  return {
    async assessPassword(password, context) {
      const normal = password.normalize('NFKC');
      refuseByLength(normal);
      const { score, feedback } = (await (estimator ??= loadEstimator())).check(normal, wordsOf(context));
      if (score >= weakestScore) return;
      const reason = reasons[feedback.warning ?? ''] ?? 'is easily guessed';
      throw new Refusal(
        'INVALID_INPUT',
        `the password ${reason}: use a longer one, of several unrelated words`,
        {
          field: 'password',
        },
      );
    },
  };
}

function refuseByLength(password: string): void {
  const { length } = Array.from(password);
  if (length < shortest) {
    throw new Refusal(
      'INVALID_INPUT',
      `the password has ${length} characters: it needs at least ${shortest}`,
      {
        field: 'password',
      },
    );
  }
  if (Buffer.byteLength(password) > longestBytes) {
    throw new Refusal('INVALID_INPUT', `the password is longer than ${longestBytes} bytes`, {
      field: 'password',
    });
  }
}

async function loadEstimator(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  // zxcvbn's cost grows faster than the length, and what comes later only makes a password stronger.
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, maxLength: 64 });
}

function wordsOf(context: readonly string[]): string[] {
  const words = context.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]);
  return [...new Set(words)].filter((word) => word.length >= 3);
}
