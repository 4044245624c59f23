import { describe, expect, test } from 'vitest';
import { refusalOf } from '../api/answers.ts';
import { anOperator, theOwner } from '../api/people.ts';
import { aTenant, openWorld, type TestTenant } from '../support/world.ts';
import { suspending } from './suspending.ts';

const world = await openWorld();
const { suspension } = world.operator;
const { get, history, advance, until, inDays, deadlinesOf } = suspending(world);

const note = 'invoice 7 is unpaid';
const aSandbox = () => aTenant(world, { plan: 'free', sandbox: true });

async function anUnpaid(invoice?: string): Promise<TestTenant & { suspensionId: string }> {
  const tenant = await aSandbox();
  const input = { tenantId: tenant.id, trigger: 'payment_failure', mode: 'blocked', note } as const;
  const raised = await suspension.suspend.mutate({ ...input, ...(invoice ? { invoice } : {}) });
  return { ...tenant, suspensionId: raised.suspension.id };
}

/** An unpaid tenant that was reinstated for the promise to pay in ten days. */
async function aPromise(): Promise<TestTenant & { suspensionId: string }> {
  const tenant = await anUnpaid('in_7');
  const promisedUntil = await inDays(tenant, 10);
  await suspension.reinstate.mutate({
    tenantId: tenant.id,
    note: 'they pay on payday',
    resolution: 'payment_promised',
    promisedUntil,
  });
  return tenant;
}

describe('a suspension for an unpaid invoice', () => {
  test('is lifted by hand only as paid, as a false alarm, or for a promised day', async () => {
    const tenant = await anUnpaid('in_7');
    const lift = (more: object) =>
      suspension.reinstate.mutate({ tenantId: tenant.id, note: 'please', ...more });

    for (const resolution of [undefined, 'resolved', 'withdrawn'] as const) {
      const refusal = await refusalOf(lift({ resolution }));
      expect(refusal).toMatchObject({ reason: 'INVALID_INPUT', httpStatus: 400 });
      expect(refusal.message).toContain('invoice in_7 is unpaid');
    }
    expect((await get(tenant)).status).toBe('suspended');
    expect((await lift({ resolution: 'false_alarm' })).suspension).toMatchObject({
      resolution: 'false_alarm',
      liftNote: 'please',
    });
    expect((await get(tenant)).status).toBe('active');
  });

  test.each([
    ['a promise without its day', { resolution: 'payment_promised' }],
    ['a day without a promise', { resolution: 'paid', promisedUntil: '2099-01-01T00:00:00Z' }],
    ['a day that is over', { resolution: 'payment_promised', promisedUntil: '2020-01-01T00:00:00Z' }],
  ] as const)('is not lifted by %s', async (_, end) => {
    const tenant = await anUnpaid('in_7');

    const refusal = await refusalOf(
      suspension.reinstate.mutate({ tenantId: tenant.id, note: 'please', ...end }),
    );

    expect([refusal.reason, refusal.message.split(':')[0]]).toEqual(['INVALID_INPUT', 'promisedUntil']);
    expect(await history(tenant)).toMatchObject([{ liftedAt: null, promisedUntil: null }]);
  });

  test('of which no invoice is known is lifted by a note alone', async () => {
    const tenant = await anUnpaid();

    const { status, suspension: lifted } = await suspension.reinstate.mutate({ tenantId: tenant.id, note });

    expect([status, lifted.resolution]).toEqual(['active', 'resolved']);
  });
});

test('a payment lifts no suspension for another cause, and an invoice is no cause of one', async () => {
  const tenant = await aSandbox();
  const cause = { tenantId: tenant.id, trigger: 'security_incident', mode: 'blocked', note } as const;
  await suspension.suspend.mutate(cause);
  const promisedUntil = await inDays(tenant, 3);

  const refusals = [
    await refusalOf(suspension.reinstate.mutate({ tenantId: tenant.id, note, resolution: 'paid' })),
    await refusalOf(
      suspension.reinstate.mutate({
        tenantId: tenant.id,
        note,
        resolution: 'payment_promised',
        promisedUntil,
      }),
    ),
    await refusalOf(suspension.suspend.mutate({ ...cause, invoice: 'in_7' })),
  ];

  expect(refusals.map(({ reason }) => reason)).toEqual(['INVALID_INPUT', 'INVALID_INPUT', 'INVALID_INPUT']);
  expect(await get(tenant)).toMatchObject({ status: 'suspended', accessMode: 'blocked' });
});

describe('a promise to pay', () => {
  test('that is broken suspends the tenant again as it was, once, and keeps who promised what', async () => {
    const tenant = await aPromise();
    expect((await get(tenant)).status).toBe('active');
    expect(await deadlinesOf(tenant)).toEqual(['payment_promise']);

    await advance(tenant, 'P10D');
    await until(tenant, 'suspended');

    expect(await deadlinesOf(tenant)).toEqual([]);
    expect(await history(tenant)).toMatchObject([
      {
        trigger: 'payment_failure',
        mode: 'blocked',
        invoice: 'in_7',
        note: `the payment that was promised has not come: ${note}`,
        raisedBy: { kind: 'system', id: null },
        liftedAt: null,
      },
      {
        note,
        resolution: 'payment_promised',
        liftNote: 'they pay on payday',
        liftedBy: { kind: 'operator' },
        promiseKeptAt: null,
        promiseBrokenAt: expect.any(String),
      },
    ]);
  });

  test('that is kept lets the day pass, and confirming it again changes nothing', async () => {
    const tenant = await aPromise();
    const { suspensionId } = tenant;
    const confirm = () =>
      suspension.confirmPayment.mutate({ tenantId: tenant.id, suspensionId, note: 'the money is here' });

    const { promiseKeptAt } = await confirm();
    expect((await confirm()).promiseKeptAt).toBe(promiseKeptAt);
    await advance(tenant, 'P11D');

    expect(promiseKeptAt).not.toBeNull();
    expect(await deadlinesOf(tenant)).toEqual([]);
    expect(await get(tenant)).toMatchObject({ status: 'active', accessMode: 'full' });
  });

  test('that was broken is not confirmed any more: the new suspension is lifted as paid', async () => {
    const tenant = await aPromise();
    const { id: tenantId, suspensionId } = tenant;
    await advance(tenant, 'P10D');
    await until(tenant, 'suspended');

    const late = await refusalOf(suspension.confirmPayment.mutate({ tenantId, suspensionId, note }));
    const lifted = await suspension.reinstate.mutate({ tenantId, note, resolution: 'paid' });

    expect(late.reason).toBe('CONFLICT');
    expect(lifted).toMatchObject({ status: 'active', suspension: { resolution: 'paid' } });
  });

  test('is not resumed on top of a suspension for the same invoice that is open already', async () => {
    const tenant = await aPromise();
    await suspension.suspend.mutate({
      tenantId: tenant.id,
      trigger: 'payment_failure',
      mode: 'read_only',
      note: 'we heard that they will not',
      invoice: 'in_7',
    });

    await advance(tenant, 'P10D');
    await expect.poll(() => deadlinesOf(tenant)).toEqual([]);

    expect(await history(tenant)).toMatchObject([
      { liftedAt: null },
      { promiseBrokenAt: expect.any(String) },
    ]);
    expect((await get(tenant)).accessMode).toBe('read_only');
  });

  test('is confirmed by who may lift the cause, and by nobody else', async () => {
    const tenant = await aPromise();
    const { id: tenantId, suspensionId } = tenant;
    const owner = await theOwner(world, tenant);
    const reader = await anOperator(world, 'read_only');
    const billing = await anOperator(world, 'billing');

    const denied = [
      await refusalOf(owner.client.suspension.confirmPayment.mutate({ suspensionId, note })),
      await refusalOf(reader.client.suspension.confirmPayment.mutate({ tenantId, suspensionId, note })),
    ];
    const confirmed = await billing.client.suspension.confirmPayment.mutate({ tenantId, suspensionId, note });

    expect(denied.map(({ reason }) => reason)).toEqual(['PERMISSION_DENIED', 'PERMISSION_DENIED']);
    expect(confirmed.promiseKeptAt).not.toBeNull();
  });

  test('is nothing that a suspension which was lifted otherwise knows of', async () => {
    const tenant = await anUnpaid();
    const { id: tenantId, suspensionId } = tenant;
    await suspension.reinstate.mutate({ tenantId, note });

    const refusal = await refusalOf(suspension.confirmPayment.mutate({ tenantId, suspensionId, note }));

    expect(refusal.reason).toBe('NOT_FOUND');
  });
});
