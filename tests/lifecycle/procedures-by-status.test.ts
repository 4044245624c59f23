import { describe, expect, test } from 'vitest';
import { executeDueOffboarding } from '../../src/actions/offboarding/offboarding-execution.ts';
import { appRouter } from '../../src/api/trpc/router.ts';
import { Offboarding } from '../../src/db/entities/offboarding.ts';
import { ask, call, signIn } from '../api/answers.ts';
import { theOwner } from '../api/people.ts';
import { aTenant, openWorld, type TestTenant } from '../support/world.ts';
import { note, samples } from '../support/procedure-samples.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const { operator } = world;

const procedures = Object.entries(
  appRouter['_def'].procedures as unknown as Record<string, { _def: { type: 'query' | 'mutation' } }>,
).map(([name, { _def: definition }]) => ({ name, type: definition.type }));

/** Asks a procedure with its sample, and says with what it was met. */
async function meet(
  { name, type }: { name: string; type: 'query' | 'mutation' },
  { token, tenantId }: { token: string; tenantId?: string },
): Promise<string> {
  const input = { ...(tenantId === undefined ? {} : { tenantId }), ...samples[name] };
  const answer =
    type === 'query'
      ? await ask(world.url, name, { token, input })
      : await call(world.url, name, { token, input });
  return answer.status < 400 ? 'open' : answer.body.error.data.reason;
}

async function suspended(mode: 'read_only' | 'blocked') {
  const tenant = await aTenant(world);
  await theOwner(world, tenant);
  const cause = { trigger: 'security_incident', mode, note } as const;
  await operator.suspension.suspend.mutate({ tenantId: tenant.id, ...cause });
  const { body } = await signIn(world, tenant.ownerEmail);
  return { tenant, token: String(body.accessToken) };
}

test('there is a sample of every procedure, and of nothing else', () => {
  expect(Object.keys(samples).toSorted()).toEqual(procedures.map(({ name }) => name).toSorted());
  expect(procedures.length).toBeGreaterThan(50);
});

/** What a blocked tenant's owner, signed in anew, may still ask; billing is off here. */
const ofAccount: Readonly<Record<string, string>> = {
  'offboarding.get': 'NOT_FOUND',
  'billing.get': 'open',
  'billing.checkout': 'CONFLICT',
  'billing.previewChange': 'CONFLICT',
  'billing.portal': 'CONFLICT',
};

describe('the owner of a blocked tenant', async () => {
  const { token } = await suspended('blocked');

  test.each(procedures)('is turned away by $name', async ({ name, type }) => {
    const met = await meet({ name, type }, { token });

    if (ofAccount[name]) expect(met).toBe(ofAccount[name]);
    else expect(['TENANT_SUSPENDED', 'PERMISSION_DENIED']).toContain(met);
  });
});

/** What moves a read-only tenant's lifecycle, and so is left to who may at all. */
const steering: Readonly<Record<string, string>> = {
  'plans.change': 'open',
  'plans.cancelScheduled': 'NOT_FOUND',
  'plans.requests.withdraw': 'NOT_FOUND',
  'plans.startTrial': 'PERMISSION_DENIED',
  'plans.extendTrial': 'PERMISSION_DENIED',
  'billing.checkout': 'CONFLICT',
  'billing.portal': 'CONFLICT',
  'suspension.suspend': 'open',
  'suspension.reinstate': 'INVALID_INPUT',
  'suspension.confirmPayment': 'NOT_FOUND',
  'offboarding.schedule': 'open',
  'offboarding.cancel': 'open',
  'directory.invitations.revoke': 'NOT_FOUND',
};

describe('the owner of a read-only tenant', async () => {
  const { token } = await suspended('read_only');

  test.each(procedures.filter(({ type }) => type === 'mutation'))(
    'changes nothing by $name, but what steers',
    async ({ name, type }) => {
      const met = await meet({ name, type }, { token });

      const expected = steering[name];
      if (expected) expect(met).toBe(expected);
      else expect(['TENANT_READ_ONLY', 'PERMISSION_DENIED']).toContain(met);
    },
  );
});

describe('a tenant that has been offboarded', async () => {
  const tenant: TestTenant = await aTenant(world);
  const { accessToken } = await theOwner(world, tenant);
  await operator.offboarding.schedule.mutate({ tenantId: tenant.id, trigger: 'contract_end', note });
  await world.inTenant(tenant.id, async (scope) => {
    await scope.em.nativeUpdate(Offboarding, { tenantId: tenant.id }, { effectiveAt: scope.now });
    await executeDueOffboarding(scope);
  });

  test.each(procedures.filter(({ name }) => name !== 'tenants.create'))(
    'lets none of its sessions into $name',
    async ({ name, type }) => {
      expect(await meet({ name, type }, { token: accessToken })).toBe('TENANT_OFFBOARDED');
    },
  );

  /** What an operator may still do: what concerns its end, and the company's own records. */
  const stays = [
    'tenants.advanceClock',
    'plans.startTrial',
    'plans.extendTrial',
    'plans.change',
    'plans.cancelScheduled',
    'plans.requests.withdraw',
    'suspension.suspend',
    'suspension.reinstate',
    'suspension.confirmPayment',
    'customers.update',
    'customers.addNote',
    'tasks.complete',
    'directory.invitations.revoke',
  ];
  const ofTenants = procedures.filter(
    ({ name, type }) =>
      type === 'mutation' &&
      !/^(?:operators|deadlines|billing\.(?:events|checkout|portal)|plans\.setPolicy|approvals|serviceClients|offboarding|tenants\.create)/.test(
        name,
      ),
  );

  test.each(ofTenants)('lets no operator write by $name', async ({ name, type }) => {
    const met = await meet({ name, type }, { token: world.bootstrapToken, tenantId: tenant.id });

    if (stays.includes(name)) expect(met).not.toBe('TENANT_OFFBOARDED');
    else expect(met).toBe('TENANT_OFFBOARDED');
  });
});
