import { expect, test } from 'vitest';
import { AuditEvent } from '../../src/db/entities/audit.ts';
import type { Plan } from '../../src/domain/plans/catalogue.ts';
import { strictestMode, type SuspensionMode } from '../../src/domain/lifecycle/status.ts';
import { allowedEvents } from '../../src/domain/lifecycle/transitions.ts';
import { type RefusalAnswer, refusalOf } from '../api/answers.ts';
import { aTenant, openWorld, type TestTenant } from '../support/world.ts';

const world = await openWorld();
const { suspension, offboarding, plans, tenants } = world.operator;

type Deed = 'suspend' | 'reinstate' | 'schedule' | 'cancel' | 'change';
type Tried = { deed: Deed; plan?: Plan; refusal: RefusalAnswer | null };
type Model = { open: ReadonlyMap<string, SuspensionMode>; onNotice: boolean; plan: Plan };

const note = 'a reason';
const modes = ['read_only', 'blocked'] as const;
const planOf = (index: number): Plan => (['free', 'starter', 'professional'] as const)[index % 3] ?? 'free';

/** What the model of a tenant says to a deed: the reason of its refusal, or that it is done. */
function judge({ open, onNotice, plan }: Model, { deed, plan: wanted }: Omit<Tried, 'refusal'>): string {
  const events = allowedEvents({
    status: open.size > 0 ? 'suspended' : 'active',
    statusBefore: open.size > 0 ? 'active' : null,
    phase: onNotice ? 'scheduled' : null,
    onHold: false,
    statusBeforeOffboarding: null,
  });
  const names = {
    suspend: 'suspend',
    reinstate: 'reinstate',
    schedule: 'schedule_offboarding',
    cancel: 'cancel_offboarding',
    change: 'change_plan',
  } as const;
  if (!events.includes(names[deed])) return 'TRANSITION_NOT_ALLOWED';
  if (deed === 'reinstate' && open.size > 1) return 'INVALID_INPUT';
  return deed === 'change' && wanted === plan ? 'CONFLICT' : 'done';
}

type Event = { deed: Deed; id: string; mode: SuspensionMode; plan: Plan };

/** What a tenant is after something was done to it. */
function after({ open, onNotice, plan }: Model, { deed, id, mode, plan: next }: Event): Model {
  const others = [...open].filter(([other]) => other !== id);
  if (deed === 'suspend') return { open: new Map([...others, [id, mode]]), onNotice, plan };
  if (deed === 'reinstate') return { open: new Map(others), onNotice, plan };
  if (deed === 'change') return { open, onNotice, plan: next };
  return { open, onNotice: deed === 'schedule', plan };
}

const deeds: Record<string, Deed> = {
  'tenant.suspended': 'suspend',
  'tenant.reinstated': 'reinstate',
  'offboarding.scheduled': 'schedule',
  'offboarding.cancelled': 'cancel',
  'tenant.plan_changed': 'change',
};

/** What was done, in the order in which the tenant's row was locked for it: events are named under that lock. */
function eventsOf({ id }: TestTenant): Promise<Event[]> {
  return world.inTenant(id, async ({ em }) => {
    const found = await em.find(AuditEvent, { tenantId: id }, { orderBy: { id: 'asc' } });
    return found.flatMap(({ action, targetId, details }) => {
      const deed = deeds[action];
      const { mode, to } = details as { mode: SuspensionMode; to: Plan };
      return deed ? [{ deed, id: targetId ?? '', mode, plan: to }] : [];
    });
  });
}

async function attempt(deed: Deed, index: number, { id: tenantId }: TestTenant): Promise<Tried> {
  const plan = planOf(index);
  const calls: Record<Deed, () => Promise<unknown>> = {
    suspend: () =>
      suspension.suspend.mutate({
        tenantId,
        trigger: 'terms_violation',
        mode: modes[index % 2] ?? 'blocked',
        note,
      }),
    reinstate: () => suspension.reinstate.mutate({ tenantId, note }),
    schedule: () => offboarding.schedule.mutate({ tenantId, trigger: 'contract_end', note }),
    cancel: () => offboarding.cancel.mutate({ tenantId, note }),
    change: () => plans.change.mutate({ tenantId, plan, when: 'now', note: 'agreed' }),
  };
  const call = calls[deed]();
  const done = await call.then(
    () => true,
    () => false,
  );
  return { deed, plan, refusal: done ? null : await refusalOf(call) };
}

const mixed: Deed[] = Array.from({ length: 32 }, (_, index) => {
  const turn: readonly Deed[] = [
    'suspend',
    'reinstate',
    'schedule',
    'cancel',
    'change',
    'reinstate',
    'suspend',
    'reinstate',
  ];
  return turn[index % turn.length] ?? 'suspend';
});

test('of 32 conflicting actions at once some order explains what was done, what was refused and what is left', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const rounds = 3;

  const tried: Tried[] = [];
  for (let round = 0; round < rounds; round += 1)
    tried.push(...(await Promise.all(mixed.map((deed, index) => attempt(deed, index + round, tenant)))));

  const states: Model[] = [{ open: new Map(), onNotice: false, plan: 'free' }];
  for (const event of await eventsOf(tenant)) {
    const state = states.at(-1);
    if (!state) throw new Error('there is a state to begin with');
    expect({ event, verdict: judge(state, { deed: event.deed, plan: event.plan }) }).toEqual({
      event,
      verdict: 'done',
    });
    states.push(after(state, event));
  }
  const done = tried.filter(({ refusal }) => refusal === null);
  expect(states.length - 1).toBe(done.length);
  // No bug, no deadlock: whoever was refused was so by a rule that held at some moment.
  for (const { deed, plan, refusal } of tried.filter((each) => each.refusal !== null)) {
    const verdicts = states.map((state) => judge(state, { deed, ...(plan ? { plan } : {}) }));
    expect(verdicts).toContain(refusal?.reason);
  }
  const last = states.at(-1);
  const left = await tenants.get.query({ tenantId: tenant.id });
  expect(left).toMatchObject({
    plan: last?.plan,
    status: last?.open.size === 0 ? 'active' : 'suspended',
    suspensionMode: strictestMode([...(last?.open.values() ?? [])]),
  });
  expect(left.offboarding !== null).toBe(last?.onNotice);
});
