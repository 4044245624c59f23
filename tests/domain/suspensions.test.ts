import { describe, expect, test } from 'vitest';
import {
  requireMayRaise,
  type SuspensionTrigger,
  suspensionTriggers,
} from '../../src/domain/lifecycle/suspensions.ts';
import { actorNamed, type ActorName, actorNames } from './people.ts';
import { refusalOf, verdictOf } from './verdict.ts';

type Name = ActorName | 'system';
type Row = { raise: readonly Name[]; lift: readonly Name[] };

/** Who may raise and lift each cause; whoever stands in no list may not. */
const table: Record<SuspensionTrigger, Row> = {
  payment_failure: {
    raise: ['customer_success', 'engineering', 'billing', 'system'],
    lift: ['customer_success', 'engineering', 'billing', 'system'],
  },
  terms_violation: {
    raise: ['customer_success', 'engineering'],
    lift: ['customer_success', 'engineering'],
  },
  security_incident: {
    raise: ['customer_success', 'engineering'],
    lift: ['customer_success', 'engineering'],
  },
  customer_request: {
    raise: ['customer_success', 'engineering', 'owner'],
    lift: ['customer_success', 'engineering', 'owner'],
  },
  inactivity: { raise: ['system'], lift: ['customer_success', 'engineering', 'system'] },
  trial_expired: { raise: ['system'], lift: ['customer_success', 'engineering', 'system'] },
};

describe.each(suspensionTriggers)('a suspension for %s', (trigger) => {
  describe.each(['raise', 'lift'] as const)('to %s', (verb) => {
    test.each(
      [...actorNames, 'system' as const].map((actor) => ({
        actor,
        may: table[trigger][verb].includes(actor),
      })),
    )('$actor may: $may', ({ actor, may }) => {
      const verdict = verdictOf(() => requireMayRaise(actorNamed(actor), trigger, verb));

      expect(verdict).toBe(may ? 'passes' : 'PERMISSION_DENIED');
    });
  });
});

test('a refusal names the verb and the cause', () => {
  const refusal = refusalOf(() => requireMayRaise(actorNamed('owner'), 'security_incident', 'lift'));

  expect(refusal.message).toBe('you may not lift a suspension for security_incident');
});
