import * as fc from 'fast-check';
import { advanceClock } from '../../src/actions/lifecycle/tenants.ts';
import { changePlan } from '../../src/actions/plans/plan-change.ts';
import { holdInput, placeHold, releaseHold } from '../../src/actions/offboarding/legal-hold.ts';
import { scheduleOffboarding } from '../../src/actions/offboarding/offboarding.ts';
import { cancelOffboarding } from '../../src/actions/offboarding/offboarding-cancellation.ts';
import { executeOffboarding } from '../../src/actions/offboarding/offboarding-execution.ts';
import { purgeTenant } from '../../src/actions/offboarding/purge-claim.ts';
import { beActive } from '../../src/actions/suspension/activity.ts';
import { reinstateTenant } from '../../src/actions/suspension/reinstatement.ts';
import { raiseSuspension, suspendTenant } from '../../src/actions/suspension/suspension.ts';
import { Suspension } from '../../src/db/entities/work.ts';
import type { TenantScope } from '../../src/db/scope.ts';
import type { Actor } from '../../src/domain/actors.ts';
import { daysAfter } from '../../src/domain/lifecycle/deadlines.ts';
import { offboardingTriggers } from '../../src/domain/lifecycle/offboarding.ts';
import { plans } from '../../src/domain/plans/catalogue.ts';
import { suspensionModes } from '../../src/domain/lifecycle/status.ts';
import { suspensionTriggers } from '../../src/domain/lifecycle/suspensions.ts';

const note = 'by chance';
const id = '0192f0c0-0000-7000-8000-00000000000';
const approval = { id: `${id}9`, approvedBy: 'second@ops.example', brokenGlass: false };

/** Who acts by chance: operators of each role, with and without an approval, the tenant's owner, the system. */
export const actors: readonly Actor[] = [
  { kind: 'operator', id: `${id}1`, email: 'care@ops.example', role: 'customer_success' },
  { kind: 'operator', id: `${id}2`, email: 'eng@ops.example', role: 'engineering', approval },
  { kind: 'operator', id: `${id}3`, email: 'money@ops.example', role: 'billing' },
  { kind: 'operator', id: `${id}4`, email: 'eyes@ops.example', role: 'read_only' },
  { kind: 'user', id: `${id}5`, role: 'owner', emailVerified: true, sessionId: `${id}6` },
  { kind: 'system' },
];

/** Something that somebody does to a tenant; `null` is the sweep of what is due. */
export type Deed = { what: string; actor: Actor; run: (scope: TenantScope) => Promise<unknown> };

const actor = fc.constantFrom(...actors);
const system: Actor = { kind: 'system' };

const suspending = fc.record({
  actor,
  trigger: fc.constantFrom(...suspensionTriggers),
  mode: fc.constantFrom(...suspensionModes),
  endsInDays: fc.option(fc.integer({ min: 1, max: 60 })),
  startsInDays: fc.option(fc.integer({ min: 1, max: 30 })),
});

const deeds: fc.Arbitrary<Deed>[] = [
  suspending.map(({ actor, trigger, mode, endsInDays, startsInDays }) => ({
    what: `suspend ${trigger} ${mode} from ${startsInDays} to ${endsInDays}`,
    actor,
    run: (scope) => {
      const at = (days: number) => daysAfter(scope.tenantNow, days).toISOString();
      const input = {
        trigger,
        mode,
        note,
        notify: true,
        ...(startsInDays === null ? {} : { startsAt: at(startsInDays) }),
        ...(endsInDays === null ? {} : { endsAt: at((startsInDays ?? 0) + endsInDays) }),
      };
      return actor.kind === 'system' ? raiseSuspension(scope, input) : suspendTenant(scope, input);
    },
  })),
  fc.tuple(actor, fc.nat(3)).map(([actor, which]) => ({
    what: `reinstate ${which}`,
    actor,
    run: async (scope) => {
      const open = await scope.em.find(
        Suspension,
        { tenantId: scope.tenant.id, liftedAt: null },
        { orderBy: { id: 'asc' } },
      );
      const suspensionId = open[which % Math.max(1, open.length)]?.id;
      return reinstateTenant(scope, { note, ...(suspensionId ? { suspensionId } : {}) });
    },
  })),
  fc.tuple(actor, fc.constantFrom(...offboardingTriggers)).map(([actor, trigger]) => ({
    what: `schedule ${trigger}`,
    actor,
    run: (scope) => scheduleOffboarding(scope, { trigger, note }),
  })),
  actor.map((actor) => ({ what: 'cancel', actor, run: (scope) => cancelOffboarding(scope, { note }) })),
  actor.map((actor) => ({
    what: 'execute',
    actor,
    run: (scope) => executeOffboarding(scope, { confirm: scope.tenant.slug }),
  })),
  actor.map((actor) => ({
    what: 'purge',
    actor,
    run: (scope) => purgeTenant(scope, { confirm: scope.tenant.slug }),
  })),
  fc.tuple(actor, fc.boolean()).map(([actor, places]) => ({
    what: places ? 'place a hold' : 'release the hold',
    actor,
    run: (scope) => (places ? placeHold : releaseHold)(scope, holdInput.parse({ note })),
  })),
  fc.tuple(actor, fc.constantFrom(...plans)).map(([actor, plan]) => ({
    what: `change plan to ${plan}`,
    actor,
    run: (scope) => changePlan(scope, { plan, note, when: 'now' }),
  })),
  fc.integer({ min: 1, max: 45 }).map((days) => ({
    what: `${days} days pass`,
    actor: system,
    run: (scope) => advanceClock(scope, { by: `P${days}D` }),
  })),
  fc.constant({ what: 'somebody signs in', actor: system, run: beActive }),
];

/** What happens in a life: two deeds at a time. */
export const life = fc.array(fc.tuple(fc.oneof(...deeds), fc.oneof(...deeds)), {
  minLength: 4,
  maxLength: 12,
});
