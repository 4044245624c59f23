import { describe, expect, test } from 'vitest';
import {
  requireMayRaise,
  type SuspensionTrigger,
  suspensionTriggers,
} from '../../src/domain/lifecycle/suspensions.ts';
import { actorNamed, type ActorName, actorNames } from './people.ts';
import { refusalOf, verdictOf } from './verdict.ts';

type Row = { raise: readonly ActorName[]; lift: readonly ActorName[]; raisedBySystem: boolean };

/** Who may raise and lift each cause; whoever stands in no list may not. */
const table: Record<SuspensionTrigger, Row> = {
  payment_failure: {
    raise: ['customer_success', 'engineering', 'billing'],
    lift: ['customer_success', 'engineering', 'billing'],
    raisedBySystem: true,
  },
  terms_violation: {
    raise: ['customer_success', 'engineering'],
    lift: ['customer_success', 'engineering'],
    raisedBySystem: false,
  },
  security_incident: {
    raise: ['customer_success', 'engineering'],
    lift: ['customer_success', 'engineering'],
    raisedBySystem: false,
  },
  customer_request: {
    raise: ['customer_success', 'engineering', 'owner'],
    lift: ['customer_success', 'engineering', 'owner'],
    raisedBySystem: false,
  },
  inactivity: { raise: [], lift: ['customer_success', 'engineering'], raisedBySystem: true },
  trial_expired: { raise: [], lift: ['customer_success', 'engineering'], raisedBySystem: true },
};

describe.each(suspensionTriggers)('a suspension for %s', (trigger) => {
  describe.each(['raise', 'lift'] as const)('to %s', (verb) => {
    test.each(actorNames.map((actor) => ({ actor, may: table[trigger][verb].includes(actor) })))(
      '$actor may: $may',
      ({ actor, may }) => {
        const verdict = verdictOf(() => requireMayRaise(actorNamed(actor), trigger, verb));

        expect(verdict).toBe(may ? 'passes' : 'PERMISSION_DENIED');
      },
    );
  });
});

test.each(suspensionTriggers.filter((trigger) => table[trigger].raisedBySystem))(
  'the system may raise a suspension for %s',
  (trigger) => {
    expect(verdictOf(() => requireMayRaise(actorNamed('system'), trigger, 'raise'))).toBe('passes');
  },
);

test('the system may lift a suspension for payment_failure, once the invoice is paid', () => {
  expect(verdictOf(() => requireMayRaise(actorNamed('system'), 'payment_failure', 'lift'))).toBe('passes');
});

test('a refusal names the verb and the cause', () => {
  const refusal = refusalOf(() => requireMayRaise(actorNamed('owner'), 'security_incident', 'lift'));

  expect(refusal.message).toBe('you may not lift a suspension for security_incident');
});
