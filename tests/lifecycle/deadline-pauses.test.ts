import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { refusalOf } from '../api/answers.ts';
import { anOperator, theOwner } from '../api/people.ts';
import { sweepDeadlines } from '../../src/worker/sweep.ts';
import { aTenant, eventually, openWorld } from '../support/world.ts';
import { leaving } from './leaving.ts';

const world = await openWorld();
const { operator } = world;
const { schedule, advance, get, offboarded } = leaving(world);
const note = 'the criteria were wrong';

test('a kind that is paused fires for no tenant, all others do; resumed it fires at once', async () => {
  const leaver = await aTenant(world, { plan: 'free', sandbox: true });
  const tried = await aTenant(world, { plan: 'professional', sandbox: true });
  await schedule(leaver);

  await operator.deadlines.pause.mutate({ kind: 'offboarding_execution', note });
  await advance(leaver, 'P31D');
  await advance(tried, 'P15D');
  await eventually(async () => (await get(tried)).status === 'active', 'the trial to end');
  await sweepDeadlines(world.db, (_, error) => {
    throw error;
  });

  expect((await get(leaver)).status).toBe('active');
  const { items } = await operator.deadlines.list.query();
  expect(items.find(({ kind }) => kind === 'offboarding_execution')).toMatchObject({
    due: 1,
    paused: { note },
  });
  await operator.deadlines.resume.mutate({ kind: 'offboarding_execution', note: 'mended' });
  await offboarded(leaver);
});

test('paused purges stop where they are, and go on when they are resumed', async () => {
  const tenant = await aTenant(world, { plan: 'free', sandbox: true });
  await schedule(tenant);
  await operator.deadlines.pause.mutate({ kind: 'purge', note });
  await advance(tenant, 'P30D');
  await offboarded(tenant);
  await advance(tenant, 'P30D');
  // A purge that was claimed before the pause is not begun either.
  await delay(1500);
  expect((await operator.offboarding.get.query({ tenantId: tenant.id })).phase).toBe('executed');

  await operator.deadlines.resume.mutate({ kind: 'purge', note: 'mended' });

  await eventually(
    async () => (await operator.offboarding.get.query({ tenantId: tenant.id })).phase === 'purged',
    'the purge',
  );
});

test('pausing twice is one pause; what is not paused is not resumed; only care and engineering may', async () => {
  const kind = 'inactivity_suspension' as const;
  const { client } = await anOperator(world, 'billing');
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);

  for (const by of [client, owner.client])
    expect((await refusalOf(by.deadlines.pause.mutate({ kind, note }))).reason).toBe('PERMISSION_DENIED');
  expect((await refusalOf(operator.deadlines.resume.mutate({ kind, note }))).reason).toBe('NOT_FOUND');
  const both = [1, 2].map(() => operator.deadlines.pause.mutate({ kind, note }));

  expect(await Promise.all(both)).toEqual([
    { kind, paused: true },
    { kind, paused: true },
  ]);
  await operator.deadlines.resume.mutate({ kind, note });
});
