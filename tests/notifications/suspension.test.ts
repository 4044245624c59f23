import { expect, test } from 'vitest';
import { User } from '../../src/db/entities/user.ts';
import { anOperator, aPerson, theOwner } from '../api/people.ts';
import { recipientOf } from '../support/mails.ts';
import { aTenant, eventually, mailTo, openWorld } from '../support/world.ts';

const world = await openWorld({ env: { SUPPORT_EMAIL: 'help@vendor.example' } });
const { suspend, reinstate } = world.operator.suspension;

test.concurrent('a suspension is told to every active admin in their own time zone, and to nobody else', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  const admin = await aPerson(world, tenant.id, 'admin');
  const member = await aPerson(world, tenant.id, 'member');
  await world.inTenant(tenant.id, ({ em }) =>
    em.nativeUpdate(
      User,
      { tenantId: tenant.id, id: admin.user.id },
      { profile: { timezone: 'Asia/Tokyo', locale: 'en_GB' } },
    ),
  );

  await suspend.mutate({
    tenantId: tenant.id,
    trigger: 'payment_failure',
    mode: 'read_only',
    note: 'invoice 7 is unpaid',
    invoice: 'INV-7',
  });

  const toAdmin = await mailTo(world, admin.email, /has been suspended$/);
  const toOwner = await mailTo(world, owner.email, /has been suspended$/);
  for (const { subject, text, html } of [toAdmin, toOwner]) {
    expect(subject).toBe(`Tenant ${tenant.slug} has been suspended`);
    for (const said of [
      'a payment is missing',
      'Reason: invoice 7 is unpaid',
      'Invoice: INV-7',
      'Mode: read-only',
      'Everybody can sign in and read everything',
      'Pay what is open, or tell us by when',
      'Questions? help@vendor.example',
    ]) {
      expect(text).toContain(said);
    }
    expect(html).toContain('invoice 7 is unpaid');
  }
  expect(toOwner.text).toMatch(/Since: \w+ \d+, \d{4} at .+ UTC\n/);
  expect(toAdmin.text).toMatch(/Since: \d+ \w+ \d{4} at \d\d:\d\d \S+ \(Asia\/Tokyo\)\n/);
  const told = (await world.mails()).filter(({ subject }) => subject?.endsWith('has been suspended'));
  expect(told.map(recipientOf)).not.toContain(member.email);
});

test.concurrent('a P0 suspension alerts the operators who may lift it, but for who raised it, with what to type', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const [raiser, colleague, engineer, billing] = await Promise.all([
    anOperator(world, 'customer_success'),
    anOperator(world, 'customer_success'),
    anOperator(world, 'engineering'),
    anOperator(world, 'billing'),
  ]);

  const { suspension } = await raiser.client.suspension.suspend.mutate({
    tenantId: tenant.id,
    trigger: 'terms_violation',
    mode: 'blocked',
    note: 'spam from every account',
  });

  const alert = await mailTo(world, engineer.email, /^P0/);
  expect(alert.subject).toBe(`P0, review now: Tenant ${tenant.slug} has been suspended (terms_violation)`);
  for (const said of [
    `(${tenant.slug})`,
    'Mode: blocked',
    'Reason: spam from every account',
    `By: ${raiser.email}`,
    `npx tenantry call suspension.history '{"tenantId":"${tenant.id}"}'`,
  ]) {
    expect(alert.text).toContain(said);
  }
  expect(alert.text).toMatch(/Since: \d+ \w+ \d{4} at \d\d:\d\d UTC\n/);
  await mailTo(world, colleague.email, /^P0/);
  const alerted = (await world.mails())
    .filter(({ text }) => text?.includes(suspension.note))
    .map(recipientOf);
  expect(alerted).not.toContain(raiser.email);
  expect(alerted).not.toContain(billing.email);
});

test.concurrent('a suspension that is scheduled is told before, when it begins, and when it is called off', async () => {
  const tenant = await aTenant(world, { plan: 'free', sandbox: true });
  const owner = await theOwner(world, tenant);
  const ask = (days: number) =>
    owner.client.suspension.suspend.mutate({
      trigger: 'customer_request',
      mode: 'blocked',
      note: 'holidays',
      startsAt: new Date(Date.now() + days * 86_400_000).toISOString(),
    });

  const { suspension } = await ask(10);
  const before = await mailTo(world, owner.email, /will be suspended on/);
  await owner.client.suspension.reinstate.mutate({ suspensionId: suspension.id, note: 'we stay' });
  const calledOff = await mailTo(world, owner.email, /will not be suspended/);
  await ask(3);
  await world.operator.tenants.advanceClock.mutate({ tenantId: tenant.id, by: 'P4D' });
  const begun = await mailTo(world, owner.email, /has been suspended$/);

  expect(before.text).toContain('Until then everything works as before.');
  expect(before.text).toContain('An owner lifts the suspension again at any time');
  expect(calledOff.text).toContain('has been called off');
  expect(calledOff.text).toContain('Note: we stay');
  expect(begun.text).toContain('Nobody can sign in, but for owners');
});

test.concurrent('a reinstatement says what was lifted, until when a promise runs, and which causes are still open', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  const raise = (trigger: 'payment_failure' | 'security_incident', mode: 'read_only' | 'blocked') =>
    suspend.mutate({ tenantId: tenant.id, trigger, mode, note: trigger });
  const unpaid = await raise('payment_failure', 'read_only');
  const incident = await raise('security_incident', 'blocked');

  await reinstate.mutate({
    tenantId: tenant.id,
    suspensionId: unpaid.suspension.id,
    note: 'the wire is on its way',
    resolution: 'payment_promised',
    promisedUntil: new Date(Date.now() + 9 * 86_400_000).toISOString(),
  });
  const first = await mailTo(world, owner.email, /another stays$/);
  await reinstate.mutate({ tenantId: tenant.id, suspensionId: incident.suspension.id, note: 'keys changed' });
  const second = await mailTo(world, owner.email, /has been reinstated$/);

  expect(first.text).toContain('It stays suspended, blocked, because there is a security incident.');
  expect(first.text).toContain('Suspended because: a payment is missing');
  expect(first.text).toContain('Note: the wire is on its way');
  expect(first.text).toMatch(/Payment promised by: .+ UTC\n/);
  expect(second.text).toContain('has been lifted: it is what it was before');
  expect(second.text).not.toContain('promised');
});

test.concurrent('an operator who says notify: false suspends without a word to the tenant', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);
  await suspend.mutate({
    tenantId: tenant.id,
    trigger: 'security_incident',
    mode: 'read_only',
    note: 'told by phone',
    notify: false,
  });
  await suspend.mutate({
    tenantId: tenant.id,
    trigger: 'payment_failure',
    mode: 'read_only',
    note: 'invoice 8',
  });

  await mailTo(world, owner.email, /has been suspended$/);

  const mine = await eventually(async () => world.mails(), 'mails');
  const told = mine.filter((mail) => recipientOf(mail) === owner.email).map(({ text }) => text);
  expect(told.some((text) => text?.includes('invoice 8'))).toBe(true);
  expect(told.some((text) => text?.includes('told by phone'))).toBe(false);
});
