import { expect, test } from 'vitest';
import { suspendTenant } from '../../src/actions/suspension/suspension.ts';
import type { TenantryClient } from '../../src/cli/client.ts';
import { operatorRoles } from '../../src/domain/actors.ts';
import { type SuspensionTrigger, suspensionTriggers } from '../../src/domain/lifecycle/suspensions.ts';
import { aTenant, openWorld } from '../support/world.ts';
import { refusalOf } from './answers.ts';
import { anOperator, aPerson, theOwner } from './people.ts';

const world = await openWorld();
const tenant = await aTenant(world, { plan: 'free' });
const tenantId = tenant.id;

const names = [...operatorRoles, 'owner', 'admin', 'member'] as const;
type ActorName = (typeof names)[number];

const clients = new Map<ActorName, TenantryClient>();
for (const role of operatorRoles) clients.set(role, (await anOperator(world, role)).client);
clients.set('owner', (await theOwner(world, tenant)).client);
for (const role of ['admin', 'member'] as const)
  clients.set(role, (await aPerson(world, tenantId, role)).client);

/** The operations manual's triggers and who raises each; engineering is everybody's backup. */
const raise: Record<SuspensionTrigger, readonly ActorName[]> = {
  payment_failure: ['customer_success', 'engineering', 'billing'],
  terms_violation: ['customer_success', 'engineering'],
  security_incident: ['customer_success', 'engineering'],
  customer_request: ['customer_success', 'engineering', 'owner'],
  inactivity: [],
  trial_expired: [],
};
const lift: Record<SuspensionTrigger, readonly ActorName[]> = {
  ...raise,
  customer_request: ['customer_success', 'engineering'],
  inactivity: ['customer_success', 'engineering'],
  trial_expired: ['customer_success', 'engineering'],
};

const clientOf = (name: ActorName) => {
  const client = clients.get(name);
  if (!client) throw new Error(`no client for ${name}`);
  return client;
};
const tenantOf = (name: ActorName) => (['owner', 'admin', 'member'].includes(name) ? {} : { tenantId });

async function isLet(call: Promise<unknown>): Promise<boolean> {
  const outcome = call.then(
    () => true,
    () => false,
  );
  if (await outcome) return true;
  expect((await refusalOf(call)).reason).toBe('PERMISSION_DENIED');
  return false;
}

/** A suspension that customer success or the system raised. */
async function anOpenSuspension(trigger: SuspensionTrigger): Promise<string> {
  const input = { trigger, mode: 'read_only', note: 'x', notify: false } as const;
  if (raise[trigger].includes('engineering')) {
    return (await world.operator.suspension.suspend.mutate({ tenantId, ...input })).suspension.id;
  }
  return (await world.inTenant(tenantId, (scope) => suspendTenant(scope, input))).suspension.id;
}

async function liftAll(): Promise<void> {
  const { items } = await world.operator.suspension.history.query({ tenantId });
  for (const { id: suspensionId, liftedAt } of items) {
    if (liftedAt === null)
      await world.operator.suspension.reinstate.mutate({ tenantId, suspensionId, note: 'x' });
  }
}

test.each(suspensionTriggers)('%s is raised by whom the table names, and by nobody else', async (trigger) => {
  const allowed: ActorName[] = [];
  for (const name of names) {
    const input = { ...tenantOf(name), trigger, mode: 'read_only', note: 'x', notify: false } as const;
    if (await isLet(clientOf(name).suspension.suspend.mutate(input))) allowed.push(name);
    await liftAll();
  }

  expect(allowed).toEqual(names.filter((name) => raise[trigger].includes(name)));
});

test.each(suspensionTriggers)('%s is lifted by whom the table names, and by nobody else', async (trigger) => {
  const allowed: ActorName[] = [];
  for (const name of names) {
    const suspensionId = await anOpenSuspension(trigger);
    const input = { ...tenantOf(name), suspensionId, note: 'x' };
    if (await isLet(clientOf(name).suspension.reinstate.mutate(input))) allowed.push(name);
    await liftAll();
  }

  expect(allowed).toEqual(names.filter((name) => lift[trigger].includes(name)));
});

test('an owner takes back what the owner asked for', async () => {
  const owner = clientOf('owner');
  const asked = await owner.suspension.suspend.mutate({
    trigger: 'customer_request',
    mode: 'read_only',
    note: 'holidays',
  });

  const after = await owner.suspension.reinstate.mutate({
    suspensionId: asked.suspension.id,
    note: 'we are back',
  });

  expect(after).toMatchObject({ status: 'active', accessMode: 'full' });
});
