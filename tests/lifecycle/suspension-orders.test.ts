import { expect, test } from 'vitest';
import { reinstateTenant } from '../../src/actions/suspension/reinstatement.ts';
import { suspendTenant } from '../../src/actions/suspension/suspension.ts';
import type { Actor } from '../../src/domain/actors.ts';
import type { SuspensionMode } from '../../src/domain/lifecycle/status.ts';
import type { SuspensionTrigger } from '../../src/domain/lifecycle/suspensions.ts';
import { aTenant, openWorld } from '../support/world.ts';

const world = await openWorld();

type Cause = { trigger: SuspensionTrigger; mode: SuspensionMode; by: Actor };

const system: Actor = { kind: 'system' };
const engineer: Actor = {
  kind: 'operator',
  id: '00000000-0000-4000-8000-000000000001',
  email: 'e@ops.example',
  role: 'engineering',
};
const causes: readonly Cause[] = [
  { trigger: 'payment_failure', mode: 'read_only', by: engineer },
  { trigger: 'terms_violation', mode: 'blocked', by: engineer },
  { trigger: 'security_incident', mode: 'blocked', by: engineer },
  { trigger: 'customer_request', mode: 'read_only', by: engineer },
  { trigger: 'inactivity', mode: 'read_only', by: system },
];

/** What a tenant is that has these causes open, by the rule alone. */
function expected(open: ReadonlySet<Cause>) {
  if (open.size === 0) return { status: 'active', accessMode: 'full' };
  const blocked = [...open].some(({ mode }) => mode === 'blocked');
  return { status: 'suspended', accessMode: blocked ? 'blocked' : 'read_only' };
}

/**
 * Which causes are open is one of 32 sets, and each order of raising and lifting is a way along the edges between
 * them. The walk takes every edge once in each direction.
 */
test('in every order in which five causes are raised and lifted the strictest open one rules', async () => {
  const { id } = await aTenant(world, { plan: 'free' });
  const lifts = new Map<Cause, string>();
  const taken = new Set<string>();
  let steps = 0;

  const raise = async (cause: Cause) => {
    const { trigger, mode, by } = cause;
    const input = { trigger, mode, note: 'a reason', notify: false };
    const after = await world.inTenant(id, (scope) => suspendTenant(scope, input), by);
    lifts.set(cause, after.suspension.id);
    return after;
  };
  const lift = async (cause: Cause) => {
    const suspensionId = lifts.get(cause);
    const resolution = cause.trigger === 'payment_failure' ? ('paid' as const) : ('resolved' as const);
    const input = { suspensionId, note: 'over', notify: false, resolution };
    const after = await world.inTenant(id, (scope) => reinstateTenant(scope, input), engineer);
    lifts.delete(cause);
    return after;
  };
  const turn = async (cause: Cause) => {
    const after = lifts.has(cause) ? await lift(cause) : await raise(cause);
    steps += 1;
    const open = new Set(lifts.keys());
    const names = [...open].map(({ trigger }) => trigger);
    expect({ names, ...after }).toMatchObject({ names, ...expected(open) });
  };
  const walk = async () => {
    for (const cause of causes) {
      const others = causes
        .filter((other) => other !== cause && lifts.has(other))
        .map(({ trigger }) => trigger);
      const edge = [cause.trigger, 'beside', ...others].join(' ');
      if (taken.has(edge)) continue;
      taken.add(edge);
      await turn(cause);
      await walk();
      await turn(cause);
    }
  };
  await walk();

  expect(taken.size).toBe(5 * 2 ** 4);
  expect(steps).toBe(2 * taken.size);
});
