import { expect, test } from 'vitest';
import { anOperator, aPerson, theOwner } from '../api/people.ts';
import { aTenant, openWorld } from '../support/world.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const { operator } = world;

const day = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * day).toISOString();

test('a tenant says each open cause: since when, by whom, who may lift it, and until when', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'enterprise' });
  const billing = await anOperator(world, 'billing');
  const endsAt = inDays(9);
  await billing.client.suspension.suspend.mutate({
    tenantId,
    trigger: 'payment_failure',
    mode: 'read_only',
    note: 'invoice 7',
    endsAt,
  });
  await operator.suspension.suspend.mutate({
    tenantId,
    trigger: 'security_incident',
    mode: 'blocked',
    note: 'keys leaked',
  });

  const told = await billing.client.tenants.get.query({ tenantId });

  expect(told).toMatchObject({
    status: 'suspended',
    accessMode: 'blocked',
    suspensions: [
      {
        trigger: 'payment_failure',
        mode: 'read_only',
        note: 'invoice 7',
        since: expect.any(String),
        endsAt,
        by: { kind: 'operator', id: billing.id, name: billing.email },
        mayBeLiftedBy: {
          operators: ['billing', 'customer_success', 'engineering'],
          owner: false,
          system: true,
        },
        youMayLift: true,
      },
      {
        trigger: 'security_incident',
        mayBeLiftedBy: { operators: ['engineering', 'customer_success'], owner: false, system: false },
        youMayLift: false,
      },
    ],
    next: { kind: 'suspension_end', at: endsAt },
  });
  expect(told.why).toBe(
    `it is suspended on the enterprise plan, with no access but the owner’s to account and export; ` +
      `suspended for payment failure since ${today()}; suspended for security incident since ${today()}; ` +
      `next, on ${endsAt.slice(0, 10)}: a suspension ends by itself`,
  );
});

test('an owner may lift what the owner asked for, and is told so', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  const cause = { trigger: 'customer_request', mode: 'read_only', note: 'holidays' } as const;
  await owner.client.suspension.suspend.mutate(cause);
  await operator.suspension.suspend.mutate({ tenantId: tenant.id, ...cause });

  const { suspensions } = await owner.client.tenants.get.query();

  expect(suspensions.map(({ youMayLift, mayBeLiftedBy }) => [youMayLift, mayBeLiftedBy.owner])).toEqual([
    [true, true],
    [false, false],
  ]);
});

test('what is scheduled, the leave and its hold are told with their dates', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'professional' });
  const startsAt = inDays(40);
  const later = { trigger: 'customer_request', mode: 'read_only', note: 'later', startsAt } as const;
  await operator.suspension.suspend.mutate({ tenantId, ...later });
  const { effectiveAt } = await operator.offboarding.schedule.mutate({
    tenantId,
    trigger: 'contract_end',
    note: 'it ends',
  });
  await operator.offboarding.placeHold.mutate({ tenantId, note: 'litigation' });
  await operator.customers.update.mutate({ tenantId, accountOwner: 'ann@ops.example' });

  const told = await operator.tenants.get.query({ tenantId });

  expect(told).toMatchObject({
    suspensions: [],
    scheduledSuspensions: [{ trigger: 'customer_request', startsAt, since: null }],
    offboarding: { phase: 'scheduled', trigger: 'contract_end', note: 'it ends', effectiveAt },
    legalHold: { note: 'litigation', by: { kind: 'operator' } },
    next: { kind: 'trial_end', at: told.trialEndsAt },
    accountOwner: 'ann@ops.example',
  });
  expect(told.why).toContain('a legal hold keeps its data');
});

test('a tenant’s own people learn neither notes, nor operators’ names, nor holds', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const tenantId = tenant.id;
  const owner = await theOwner(world, tenant);
  const member = await aPerson(world, tenantId, 'member');
  await operator.customers.update.mutate({ tenantId, accountOwner: 'secret-ann@ops.example' });
  await operator.suspension.suspend.mutate({
    tenantId,
    trigger: 'terms_violation',
    mode: 'read_only',
    note: 'secret suspicion',
  });
  await operator.offboarding.schedule.mutate({ tenantId, trigger: 'contract_end', note: 'secret reason' });
  await operator.offboarding.placeHold.mutate({ tenantId, note: 'secret litigation' });

  const told = [await owner.client.tenants.get.query(), await member.client.tenants.get.query()];
  const timeline = await owner.client.tenants.timeline.query();

  for (const shown of [...told, timeline]) {
    const text = JSON.stringify(shown);
    expect(text).not.toContain('secret');
    expect(text).not.toContain('bootstrap');
    expect(text).not.toMatch(/legal_hold|litigation/);
  }
  expect(told[0]).toMatchObject({
    suspensions: [{ trigger: 'terms_violation', by: { kind: 'operator', id: null, name: null } }],
    offboarding: { trigger: 'contract_end', phase: 'scheduled' },
    legalHold: null,
  });
});

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
