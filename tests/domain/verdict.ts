import { Refusal, type RefusalReason } from '../../src/domain/refusal.ts';

/** What a rule says: `passes`, or the reason of its refusal. A bug is thrown on. */
export function verdictOf(rule: () => void): 'passes' | RefusalReason {
  try {
    rule();
    return 'passes';
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}

/** The refusal that a rule makes; throws where it makes none. */
export function refusalOf(rule: () => void): Refusal {
  try {
    rule();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('the rule refused nothing');
}
