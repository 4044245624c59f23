import { expect, test } from 'vitest';
import { auditActions } from '../../src/domain/audit-actions.ts';
import { deadlineKinds } from '../../src/domain/lifecycle/deadlines.ts';
import { titleOfDeadline } from '../../src/domain/timeline/future.ts';
import { titleOfEvent, toldActions } from '../../src/domain/timeline/past.ts';
import { refusalOf } from '../api/answers.ts';
import { anOperator, aPerson, theOwner } from '../api/people.ts';
import { aTenant, eventually, openWorld } from '../support/world.ts';

const world = await openWorld();
const { operator } = world;

test('past, present and future stand in one list, oldest first, each in a sentence', async () => {
  const tenant = await aTenant(world, { plan: 'professional' });
  const tenantId = tenant.id;
  const { client, email } = await anOperator(world, 'customer_success');
  await client.plans.change.mutate({ tenantId, plan: 'starter', note: 'smaller', when: 'now' });
  await client.customers.addNote.mutate({ tenantId, note: 'they hesitate' });
  await client.offboarding.schedule.mutate({ tenantId, trigger: 'customer_request', note: 'bye' });

  const timeline = () => operator.tenants.timeline.query({ tenantId });
  const { entries, now, olderLeft } = await eventually(async () => {
    const told = await timeline();
    return told.entries.some(({ facts }) => facts['mail'] === 'offboarding_scheduled' && facts['subject'])
      ? told
      : null;
  }, 'the mail');

  const at = (when: string) => entries.filter((entry) => entry.when === when);
  const past = at('past').map(({ kind }) => kind);
  expect(olderLeft).toBe(false);
  expect(entries.map((entry) => entry.at)).toEqual(entries.map((entry) => entry.at).toSorted());
  expect(past).toEqual(
    expect.arrayContaining([
      'tenant.created',
      'tenant.plan_changed',
      'note',
      'offboarding.scheduled',
      'mail',
    ]),
  );
  expect(at('past').find(({ kind }) => kind === 'tenant.plan_changed')).toMatchObject({
    title: 'the plan changed from professional to starter',
    by: { kind: 'operator', name: email },
    facts: { from: 'professional', to: 'starter', note: 'smaller' },
  });
  expect(at('past').find(({ kind }) => kind === 'note')).toMatchObject({
    title: 'they hesitate',
    by: { name: email },
  });
  expect(at('past').find(({ facts }) => facts['mail'] === 'offboarding_scheduled')).toMatchObject({
    title: expect.stringMatching(/^mail to 1 of the tenant’s people: /),
    facts: { to: [tenant.ownerEmail] },
  });
  expect(at('now')).toMatchObject([{ at: now, kind: 'state', facts: { status: 'trial', plan: 'starter' } }]);
  expect(at('future').map(({ facts }) => facts['deadline'])).toEqual(
    expect.arrayContaining(['trial_end', 'offboarding_execution', 'offboarding_notice_7', 'task_escalation']),
  );
});

test('a sandbox tenant’s year is told in its own time, also what its clock jumped over', async () => {
  const tenant = await aTenant(world, { plan: 'professional', sandbox: true });
  await theOwner(world, tenant);
  const tenantId = tenant.id;
  const { trialEndsAt, createdAt } = await operator.tenants.get.query({ tenantId });
  await operator.tenants.advanceClock.mutate({ tenantId, by: 'P30D' });

  const ended = await eventually(async () => {
    const { entries } = await operator.tenants.timeline.query({ tenantId });
    return entries.find(({ kind }) => kind === 'tenant.trial_ended') && entries;
  }, 'the end of the trial');

  const when = (kind: string) => ended.find((entry) => entry.kind === kind)?.at;
  expect(when('tenant.created')).toBe(createdAt);
  expect(when('tenant.trial_ended')).toBe(trialEndsAt);
  expect(ended.filter(({ kind }) => kind === 'mail').map(({ at }) => at)).toContain(trialEndsAt);
});

test('of a long past the newest is told, and that there is more', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });
  // Its invitation is an event too, whenever the worker has sent it.
  await eventually(async () => {
    const { entries } = await operator.tenants.timeline.query({ tenantId });
    return entries.some(({ title }) => title.startsWith('mail to'));
  }, 'the mail of the invitation in the timeline');
  for (const note of ['one', 'two', 'three']) await operator.customers.addNote.mutate({ tenantId, note });

  const { entries, olderLeft } = await operator.tenants.timeline.query({ tenantId, limit: 2 });

  expect(entries.filter(({ when }) => when === 'past').map(({ title }) => title)).toEqual(['two', 'three']);
  expect(olderLeft).toBe(true);
});

test('owners see their own timeline, members and other tenants do not', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  const member = await aPerson(world, tenant.id, 'member');
  const other = await theOwner(world, await aTenant(world, { plan: 'free' }));

  const shown = await owner.client.tenants.timeline.query();
  const refused = [
    await refusalOf(member.client.tenants.timeline.query()),
    await refusalOf(other.client.tenants.timeline.query({ tenantId: tenant.id })),
  ];

  expect(shown.entries.map(({ kind }) => kind)).toContain('tenant.created');
  expect(refused.map(({ reason }) => reason)).toEqual(['PERMISSION_DENIED', 'NOT_FOUND']);
});

test.each(deadlineKinds)('what %s will do is said in a sentence', (kind) => {
  expect(titleOfDeadline(kind, 'operators')).toMatch(/^\w.{10,}$/);
});

test('every event that is told is said in words, and a tenant is told of none that is internal', () => {
  const forAll = toldActions('admins');

  for (const action of toldActions('operators')) {
    expect(auditActions).toContain(action);
    expect(titleOfEvent(action, {})).not.toBe(action);
  }
  expect(forAll.filter((action) => /^(task|approval|customer|legal_hold|purge)/.test(action))).toEqual([]);
});
