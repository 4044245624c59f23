import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { tellAdmins } from '../../src/actions/notifications/notices.ts';
import { later } from '../../src/db/jobs.ts';
import type { MailName } from '../../src/domain/texts/mails.ts';
import { refusalOf } from '../api/answers.ts';
import { anOperator, aPerson, theOwner } from '../api/people.ts';
import { recipientOf } from '../support/mails.ts';
import { aRegistration, aTenant, eventually, openWorld } from '../support/world.ts';

const world = await openWorld();
const { notifications, offboarding, suspension, tenants } = world.operator;

function listed(tenantId: string, mail: MailName, state = 'sent') {
  return eventually(async () => {
    const { items } = await notifications.list.query({ tenantId, mail });
    return items.length > 0 && items.every((item) => item.state === state) ? items : null;
  }, `${mail} that is ${state}`);
}

test.concurrent('what was mailed is listed with address, subject and hour, whether or not it was noted when it was promised', async () => {
  const { user, tenant, email } = await aRegistration(world);
  const tenantId = tenant.id;
  await suspension.suspend.mutate({ tenantId, trigger: 'payment_failure', mode: 'read_only', note: 'x' });

  const [verification] = await listed(tenantId, 'verify_email');
  const [suspended] = await listed(tenantId, 'suspended');

  expect(verification).toMatchObject({
    recipient: { kind: 'user', id: user.id },
    address: email,
    subject: 'Confirm your e-mail address for Registered',
    withheldBecause: null,
    lastError: null,
  });
  expect(suspended).toMatchObject({
    recipient: { kind: 'user', id: user.id },
    address: email,
    subject: 'Registered has been suspended',
  });
  expect(Date.parse(suspended?.sentAt ?? '')).toBeGreaterThanOrEqual(Date.parse(suspended?.promisedAt ?? ''));
});

test.concurrent('the same occurrence is told to nobody twice, however often and at once it is promised', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  const tell = (occurrence: string) =>
    world.inTenant(tenant.id, (scope) => tellAdmins(scope, { mail: 'went_live' }, occurrence));

  await Promise.all([1, 2, 3, 4, 5].map(() => tell('first')));
  await tell('second');
  const items = await listed(tenant.id, 'went_live');

  const mails = (await world.mails()).filter(
    (mail) => recipientOf(mail) === owner.email && mail.subject?.endsWith('is live'),
  );
  expect(items).toHaveLength(2);
  expect(mails).toHaveLength(2);
});

test.concurrent('a tenant’s admins see what was mailed about their tenant, but not to operators; its members see nothing', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const other = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  const member = await aPerson(world, tenant.id, 'member');
  await anOperator(world, 'engineering');
  const cause = { tenantId: tenant.id, trigger: 'payment_failure', mode: 'read_only', note: 'x' } as const;
  await suspension.suspend.mutate(cause);
  await listed(tenant.id, 'suspension_alert');
  await listed(tenant.id, 'suspended');

  const mine = await owner.client.notifications.list.query();
  const elsewhere = await refusalOf(owner.client.notifications.list.query({ tenantId: other.id }));
  const refused = await refusalOf(member.client.notifications.list.query());

  expect(mine.items.map(({ mail }) => mail)).toContain('suspended');
  expect(mine.items.map(({ recipient }) => recipient.kind)).not.toContain('operator');
  expect(elsewhere.reason).toBe('NOT_FOUND');
  expect(refused.reason).toBe('PERMISSION_DENIED');
});

test.concurrent('pages of the list join without gap or repetition', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  await theOwner(world, tenant);
  for (const occurrence of ['a', 'b', 'c'])
    await world.inTenant(tenant.id, (scope) => tellAdmins(scope, { mail: 'went_live' }, occurrence));
  const all = await notifications.list.query({ tenantId: tenant.id, mail: 'went_live' });

  const first = await notifications.list.query({ tenantId: tenant.id, mail: 'went_live', limit: 2 });
  const cursor = first.nextCursor ?? '';
  const second = await notifications.list.query({ tenantId: tenant.id, mail: 'went_live', limit: 2, cursor });

  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(all.items.map(({ id }) => id));
  expect(second.nextCursor).toBeNull();
});

test.concurrent('what concerns no tenant is listed for operators alone', async () => {
  const { email, accessToken } = await aRegistration(world);
  await world.send('/api/auth/forgot-password', { body: { email: 'nobody@mail.example' } });
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  await world.send('/api/auth/forgot-password', { body: { email: owner.email } });

  const [reset] = await eventually(async () => {
    const { items } = await notifications.list.query({ mail: 'reset_password' });
    return items.length > 0 && items;
  }, 'the mail');
  const own = await world.as(accessToken).notifications.list.query({ mail: 'reset_password' });

  expect(reset).toMatchObject({ state: 'sent', address: owner.email, recipient: { kind: 'person' } });
  expect(reset?.address).not.toBe(email);
  expect(own.items).toEqual([]);
});

test.concurrent('a mail that waited until its tenant had ended is withheld, and the list says why', async () => {
  const tenant = await aTenant(world, { plan: 'free', sandbox: true });
  const owner = await theOwner(world, tenant);
  await offboarding.schedule.mutate({ tenantId: tenant.id, trigger: 'contract_end', note: 'over' });
  await tenants.advanceClock.mutate({ tenantId: tenant.id, by: 'P30D' });
  await listed(tenant.id, 'offboarded');

  await world.inTenant(tenant.id, (scope) =>
    tellAdmins(scope, { mail: 'trial_ended' }, 'it waited for long'),
  );

  const [withheld] = await listed(tenant.id, 'trial_ended', 'withheld');
  expect(withheld).toMatchObject({
    withheldBecause: 'the tenant is offboarded',
    address: null,
    sentAt: null,
  });
  const mails = (await world.mails()).filter((mail) => recipientOf(mail) === owner.email);
  expect(mails.map(({ subject }) => subject).filter((subject) => subject?.includes('trial'))).toEqual([]);
});

test.concurrent('an operator who was revoked is told nothing more', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const { id, email } = await anOperator(world, 'engineering');
  await world.operator.operators.revoke.mutate({ operatorId: id });

  await world.inTenant(tenant.id, (scope) =>
    later(scope, 'mail.send', {
      mail: 'suspension_alert',
      tenantId: tenant.id,
      operatorId: id,
      notificationId: randomUUID(),
      suspensionId: randomUUID(),
    }),
  );

  const [withheld] = await listed(tenant.id, 'suspension_alert', 'withheld');
  expect(withheld?.withheldBecause).toBe('the operator has been revoked');
  expect((await world.mails()).map(recipientOf)).not.toContain(email);
});
