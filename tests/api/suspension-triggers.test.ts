import { describe, expect, test } from 'vitest';
import { type ReinstateTenantInput, reinstateTenant } from '../../src/actions/suspension/reinstatement.ts';
import { type SuspendTenantInput, suspendTenant } from '../../src/actions/suspension/suspension.ts';
import type { TenantryClient } from '../../src/cli/client.ts';
import { operatorRoles, tenantRoles } from '../../src/domain/actors.ts';
import { Refusal } from '../../src/domain/refusal.ts';
import { type SuspensionTrigger, suspensionTriggers } from '../../src/domain/lifecycle/suspensions.ts';
import { aTenant, openWorld } from '../support/world.ts';
import { refusalOf } from './answers.ts';
import { anOperator, aPerson, theOwner } from './people.ts';

const world = await openWorld();
const tenant = await aTenant(world, { plan: 'free' });
const tenantId = tenant.id;

const callers = [...operatorRoles, ...tenantRoles] as const;
const names = [...callers, 'system'] as const;
type ActorName = (typeof names)[number];

const clients = new Map<ActorName, TenantryClient>();
for (const role of operatorRoles) clients.set(role, (await anOperator(world, role)).client);
clients.set('owner', (await theOwner(world, tenant)).client);
for (const role of ['admin', 'member'] as const)
  clients.set(role, (await aPerson(world, tenantId, role)).client);

/** The operations manual's triggers and who raises each; engineering is everybody's backup. */
const raise: Record<SuspensionTrigger, readonly ActorName[]> = {
  payment_failure: ['customer_success', 'engineering', 'billing', 'system'],
  terms_violation: ['customer_success', 'engineering'],
  security_incident: ['customer_success', 'engineering'],
  customer_request: ['customer_success', 'engineering', 'owner'],
  inactivity: ['system'],
  trial_expired: ['system'],
};
/** Who lifts what somebody else has raised. */
const lift: Record<SuspensionTrigger, readonly ActorName[]> = {
  ...raise,
  customer_request: ['customer_success', 'engineering'],
  inactivity: ['customer_success', 'engineering', 'system'],
  trial_expired: ['customer_success', 'engineering', 'system'],
};

const tenantOf = (name: ActorName) => (tenantRoles.some((role) => role === name) ? {} : { tenantId });

function suspendAs(name: ActorName, input: SuspendTenantInput) {
  const client = clients.get(name);
  if (client) return client.suspension.suspend.mutate({ ...tenantOf(name), ...input });
  return world.inTenant(tenantId, (scope) => suspendTenant(scope, input));
}

function reinstateAs(name: ActorName, input: ReinstateTenantInput) {
  const client = clients.get(name);
  if (client) return client.suspension.reinstate.mutate({ ...tenantOf(name), ...input });
  return world.inTenant(tenantId, (scope) => reinstateTenant(scope, input));
}

async function isLet(call: Promise<unknown>): Promise<boolean> {
  const outcome = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome === null) return true;
  const reason = outcome instanceof Refusal ? outcome.reason : (await refusalOf(call)).reason;
  expect(reason).toBe('PERMISSION_DENIED');
  return false;
}

async function historyOf() {
  return (await world.operator.suspension.history.query({ tenantId })).items;
}

/** Lifts what is open, so that each test begins with a tenant that is active. */
async function liftAll(): Promise<void> {
  for (const { id: suspensionId, liftedAt } of await historyOf())
    if (liftedAt === null) await reinstateAs('customer_success', { suspensionId, note: 'x' });
}

describe.each(suspensionTriggers)('a suspension for %s', (trigger) => {
  const input = { trigger, mode: 'read_only', note: 'x', notify: false } as const;

  test.each(names.map((name) => ({ name, may: raise[trigger].includes(name) })))(
    'is raised by $name: $may',
    async ({ name, may }) => {
      const before = await historyOf();

      const passed = await isLet(suspendAs(name, input));

      expect(passed).toBe(may);
      expect(await historyOf()).toHaveLength(before.length + (may ? 1 : 0));
      await liftAll();
    },
  );

  test.each(names.map((name) => ({ name, may: lift[trigger].includes(name) })))(
    'that somebody else raised is lifted by $name: $may',
    async ({ name, may }) => {
      const raiser = raise[trigger].includes('engineering') ? 'engineering' : 'system';
      const { suspension } = await suspendAs(raiser, input);

      const passed = await isLet(reinstateAs(name, { suspensionId: suspension.id, note: 'x' }));

      expect(passed).toBe(may);
      expect((await historyOf())[0]?.liftedAt === null).toBe(!may);
      await liftAll();
    },
  );
});

test.each(['owner', 'customer_success', 'engineering'] as const)(
  'what an owner asked for is taken back by %s',
  async (name) => {
    const input = { trigger: 'customer_request', mode: 'read_only', note: 'holidays', notify: true } as const;
    const asked = await suspendAs('owner', input);

    const after = await reinstateAs(name, { suspensionId: asked.suspension.id, note: 'we are back' });

    expect(after).toMatchObject({ status: 'active', accessMode: 'full' });
  },
);
