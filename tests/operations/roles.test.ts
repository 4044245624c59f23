import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { operatorRoles } from '../../src/domain/actors.ts';
import { type Action, mayOperate, permissions } from '../../src/domain/permissions.ts';
import { taskKinds, taskTerms } from '../../src/domain/lifecycle/closing-tasks.ts';
import { refusalOf } from '../api/answers.ts';
import { anOperator, theOwner, type TestOperator } from '../api/people.ts';
import { aRegistration, aTenant, openWorld } from '../support/world.ts';
import { eventsOf } from './asking.ts';

const world = await openWorld();
const people = {
  customer_success: await anOperator(world, 'customer_success'),
  engineering: await anOperator(world, 'engineering'),
  billing: await anOperator(world, 'billing'),
  read_only: await anOperator(world, 'read_only'),
};
type Role = keyof typeof people;
type Client = TestOperator['client'];

const aFree = () => aTenant(world, { plan: 'free' });
const note = 'as the manual says';

/** Opens an enterprise customer from the beginning to its go-live. */
async function openEnterprise({ tenants, onboarding }: Client): Promise<string> {
  const slug = `t-${randomUUID().slice(0, 13)}`;
  const adminEmail = `owner@${slug}.example`;
  const { id: tenantId } = await tenants.create.mutate({ name: slug, slug, plan: 'enterprise', adminEmail });
  const { open } = await onboarding.get.query({ tenantId });
  for (const step of open) await onboarding.waiveStep.mutate({ tenantId, step, note });
  await onboarding.goLive.mutate({ tenantId });
  return tenantId;
}

type Row = {
  operation: string;
  owner: Role;
  backup: Role;
  /** Who else of the operators may do it. */
  also: Role[];
  /** Does the whole operation as somebody, and tells to which tenant. */
  play: (client: Client) => Promise<string>;
  /** What it leaves in the audit. */
  events: Parameters<typeof eventsOf>[2][];
};

/** The operations manual's section 10, line by line; what registers by itself is the first test below. */
const manual: Row[] = [
  {
    operation: 'enterprise onboarding',
    owner: 'customer_success',
    backup: 'engineering',
    also: [],
    play: openEnterprise,
    events: ['tenant.created', 'onboarding_step.waived', 'tenant.went_live'],
  },
  {
    operation: 'plan changes',
    owner: 'customer_success',
    backup: 'engineering',
    also: ['billing'],
    play: async ({ plans }) => {
      const { id: tenantId } = await aFree();
      await plans.change.mutate({ tenantId, plan: 'professional', when: 'now', note: 'agreed' });
      return tenantId;
    },
    events: ['tenant.plan_changed'],
  },
  {
    operation: 'suspension',
    owner: 'customer_success',
    backup: 'engineering',
    also: ['billing'],
    play: async ({ suspension }) => {
      const { id: tenantId } = await aFree();
      const input = { tenantId, trigger: 'payment_failure', mode: 'blocked', note } as const;
      await suspension.suspend.mutate(input);
      await suspension.reinstate.mutate({ tenantId, note });
      return tenantId;
    },
    events: ['tenant.suspended', 'tenant.reinstated'],
  },
  {
    operation: 'offboarding',
    owner: 'customer_success',
    backup: 'engineering',
    also: [],
    play: async ({ offboarding }) => {
      const { id: tenantId } = await aFree();
      await offboarding.schedule.mutate({ tenantId, trigger: 'contract_end', note });
      await offboarding.placeHold.mutate({ tenantId, note });
      await offboarding.cancel.mutate({ tenantId, note });
      return tenantId;
    },
    events: ['offboarding.scheduled', 'legal_hold.placed', 'offboarding.cancelled'],
  },
];

const roleRows = manual.flatMap((row) =>
  operatorRoles.map((role) => ({
    ...row,
    role,
    may: role === row.owner || role === row.backup || row.also.includes(role),
  })),
);

describe('self-service onboarding', () => {
  test('runs by itself, and its backup, engineering, can do it for a customer', async () => {
    const registered = await aRegistration(world);
    const slug = `t-${randomUUID().slice(0, 13)}`;
    const input = { name: slug, slug, plan: 'free', adminEmail: `owner@${slug}.example` } as const;
    const made = await people.engineering.client.tenants.create.mutate(input);

    expect([registered.tenant.status, made.status]).toEqual(['active', 'active']);
  });
});

test.each(roleRows.filter(({ may }) => may))(
  '$operation by $role works from end to end, each act audited as theirs',
  async ({ role, play, events }) => {
    const { client, id } = people[role];

    const tenantId = await play(client);

    for (const event of events) {
      const found = await eventsOf(world, tenantId, event);
      expect(found.length).toBeGreaterThan(0);
      for (const { actorKind, actorId } of found) expect([actorKind, actorId]).toEqual(['operator', id]);
    }
  },
);

test.each(roleRows.filter(({ may }) => !may))('$operation by $role is refused', async ({ role, play }) => {
  expect((await refusalOf(play(people[role].client))).reason).toBe('PERMISSION_DENIED');
});

describe.each(['customer_success', 'engineering'] as const)('%s acts for a tenant', (role) => {
  const { client, id } = people[role];

  test('in projects, directory, connections and plans, each act audited as theirs', async () => {
    const tenant = await aTenant(world);
    const owner = await theOwner(world, tenant);
    const tenantId = tenant.id;

    await client.projects.create.mutate({ tenantId, name: 'For them' });
    await client.directory.users.deactivate.mutate({ tenantId, userId: owner.user.id });
    await client.connections.scim.createToken.mutate({ tenantId, label: 'for them' });
    await client.plans.change.mutate({ tenantId, plan: 'starter', when: 'now', note: 'agreed' });

    const actions = [
      'project.created',
      'user.deactivated',
      'scim_token.created',
      'tenant.plan_changed',
    ] as const;
    for (const action of actions) {
      const [event] = await eventsOf(world, tenantId, action);
      expect([action, event?.actorKind, event?.actorId]).toEqual([action, 'operator', id]);
    }
  });
});

describe('as everybody’s backup', () => {
  const actions = Object.keys(permissions).filter((name): name is Action => Object.hasOwn(permissions, name));

  test('engineering may do whatever customer success and billing may', () => {
    const beyond = actions.filter(
      (action) =>
        (mayOperate('customer_success', action) || mayOperate('billing', action)) &&
        !mayOperate('engineering', action),
    );

    expect(actions.length).toBeGreaterThan(40);
    expect(beyond).toEqual([]);
  });

  test('who backs a task up is another role than who owns it, and may complete it', () => {
    for (const { owner, backup } of taskKinds.map((kind) => taskTerms[kind])) {
      expect(owner).not.toBe(backup);
      for (const role of [owner, backup]) expect(mayOperate(role, 'task.complete')).toBe(true);
    }
  });

  test('read-only operators change nothing but their own token', () => {
    const changes = actions.filter(
      (action) =>
        !['read', 'account'].includes(permissions[action].effect) && mayOperate('read_only', action),
    );

    expect(changes).toEqual(['operator.rotate_own_token']);
  });
});
