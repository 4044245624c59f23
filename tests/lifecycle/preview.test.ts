import { expect, test } from 'vitest';
import { previewToken } from '../../src/actions/lifecycle/preview.ts';
import { Deadline } from '../../src/db/entities/control.ts';
import { anOperator, theOwner } from '../api/people.ts';
import { aTenant, mailTo, openWorld } from '../support/world.ts';

const world = await openWorld();
const { operator } = world;
const token = (procedure: string, input: unknown, fingerprint = 'f') =>
  previewToken({ procedure, input }, { deadlines: [], sessions: 0, fingerprint });

test('a token stands for procedure, input and world, and not for how the call is made', () => {
  const one = token('a.b', { x: 1, y: [2] });

  expect(token('a.b', { y: [2], x: 1, preview: true, idempotencyKey: 'k', previewToken: 't' })).toBe(one);
  expect(one).toMatch(/^[\da-f]{64}$/);
  for (const other of [
    token('a.c', { x: 1, y: [2] }),
    token('a.b', { x: 1 }),
    token('a.b', { x: 1, y: [2] }, 'g'),
  ])
    expect(other).not.toBe(one);
});

test('the mails of a preview are those that are then sent, to the letter', async () => {
  const tenant = await aTenant(world, { plan: 'professional' });
  await theOwner(world, tenant);
  const engineer = await anOperator(world, 'engineering');
  const input = {
    tenantId: tenant.id,
    trigger: 'security_incident',
    mode: 'blocked',
    note: 'keys leaked',
  } as const;

  const { preview } = await operator.suspension.suspend.mutate({ ...input, preview: true });
  await operator.suspension.suspend.mutate(input);

  const told = preview?.mails ?? [];
  expect(told.map(({ to }) => to)).toEqual(expect.arrayContaining([tenant.ownerEmail, engineer.email]));
  for (const { to, subject, text } of told.filter((mail) =>
    [tenant.ownerEmail, engineer.email].includes(mail.to),
  )) {
    const sent = await mailTo(world, to, new RegExp(`^${subject.replaceAll(/\W/g, '.')}$`));
    expect(withoutTimes(sent.text ?? '')).toBe(withoutTimes(text));
  }
});

test('the deadlines of a preview are those that then stand, and those that are gone', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'professional' });
  const input = { tenantId, trigger: 'customer_request', mode: 'read_only', note: 'pause' } as const;
  const kinds = () =>
    world.inTenant(tenantId, async ({ em }) =>
      (await em.find(Deadline, { tenantId })).map(({ kind }) => kind),
    );
  const before = await kinds();

  const { preview } = await operator.suspension.suspend.mutate({ ...input, preview: true });
  await operator.suspension.suspend.mutate(input);

  const cleared = preview?.deadlines.cleared.map(({ kind }) => kind) ?? [];
  const set = preview?.deadlines.set.map(({ kind }) => kind) ?? [];
  expect(cleared.toSorted()).toEqual(['trial_end', 'trial_notice_1', 'trial_notice_7', 'trial_will_end']);
  expect((await kinds()).toSorted()).toEqual(
    [...before.filter((kind) => !cleared.includes(kind)), ...set].toSorted(),
  );
});

test('an owner who previews is not told of operators', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const { client, email } = await theOwner(world, tenant);
  await anOperator(world, 'customer_success');

  const { preview } = await client.offboarding.schedule.mutate({
    trigger: 'customer_request',
    note: 'we leave',
    preview: true,
  });

  expect(preview?.mails.map(({ to }) => to)).toEqual([email]);
  expect(preview).toMatchObject({
    state: { before: { status: 'active' }, after: { status: 'active' } },
    access: { closed: [], opened: [] },
    sessionsEnded: 0,
  });
});

test('a preview counts the endpoints that would be told', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });
  await operator.webhooks.create.mutate({ tenantId, url: 'https://hooks.example/a' });

  const { preview } = await operator.plans.change.mutate({
    tenantId,
    plan: 'enterprise',
    preview: true,
    when: 'now',
    note: 'agreed',
  });

  expect(preview?.webhooks).toEqual([{ type: 'tenant.plan_changed', endpoints: 1 }]);
  expect(preview?.access.opened).toEqual(['scim_reads', 'scim_writes', 'scim_deprovisions', 'sso_signs_in']);
});

/** A suspension begins now, and now is a little later when it is done than when it was previewed. */
function withoutTimes(text: string): string {
  return text
    .replaceAll(/\d{1,2}:\d{2} [AP]M/g, 'time')
    .replaceAll(/01[\da-f]{6}-[\da-f-]{27}/g, 'id')
    .trim();
}
