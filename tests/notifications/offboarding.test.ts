import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { refusalOf } from '../api/answers.ts';
import { anInvitation, anOperator, aPerson, theOwner } from '../api/people.ts';
import { recipientOf } from '../support/mails.ts';
import { aTenant, mailTo, openWorld } from '../support/world.ts';

const world = await openWorld({ env: { SUPPORT_EMAIL: 'help@vendor.example' } });
const { offboarding, tenants } = world.operator;

test.concurrent('a leave is told at once, 7 days and 1 day before, and at the end, to admins and who is invited as one', async () => {
  const tenant = await aTenant(world, { plan: 'free', sandbox: true });
  const owner = await theOwner(world, tenant);
  const admin = await aPerson(world, tenant.id, 'admin');
  const invited = `invited-${randomUUID()}@people.example`;
  await anInvitation(world, tenant.id, { email: invited, role: 'admin' });
  const advance = (by: string) => tenants.advanceClock.mutate({ tenantId: tenant.id, by });

  await owner.client.offboarding.schedule.mutate({ trigger: 'customer_request', note: 'we build our own' });
  const scheduled = await mailTo(world, admin.email, /ends on/);
  await mailTo(world, invited, /ends on/);
  await advance('P23D');
  const week = await mailTo(world, owner.email, /ends in 7 days$/);
  await advance('P6D');
  const day = await mailTo(world, owner.email, /ends in 1 day$/);
  await advance('P1D');
  const ended = await mailTo(world, owner.email, /has ended$/);
  await mailTo(world, admin.email, /has ended$/);

  for (const { text } of [scheduled, week, day]) {
    for (const said of [
      'because it was asked for',
      'Until then nothing changes',
      'Reason: we build our own',
      'an owner signs in and asks for an export',
      'our operators export it when an owner asks support',
      'an owner signs in and cancels the offboarding',
      'Questions? help@vendor.example',
    ]) {
      expect(text).toContain(said);
    }
  }
  const dates = [scheduled, week, day].map(({ text }) =>
    /Ends on: (.+)\nReason[^]+Data kept until: (.+)\n/.exec(text ?? ''),
  );
  expect(new Set(dates.map((found) => found?.slice(1).join(' | '))).size).toBe(1);
  expect(ended.text).toContain('Nobody can sign in any more');
  expect(ended.text).toContain('the owners get a certificate of deletion by mail');
  expect(ended.text).toMatch(/an owner writes to support before .+ UTC: our operators export it on request/);
  const all = (await world.mails()).filter((mail) => recipientOf(mail) === owner.email);
  expect(all.filter(({ subject }) => /ends on|ends in|has ended/.test(subject ?? ''))).toHaveLength(4);
});

test.concurrent('what only we can take back is said so, and taking it back is told', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const owner = await theOwner(world, tenant);

  await offboarding.schedule.mutate({ tenantId: tenant.id, trigger: 'contract_end', note: 'contract 9' });
  const scheduled = await mailTo(world, owner.email, /ends on/);
  await offboarding.cancel.mutate({ tenantId: tenant.id, note: 'they signed again' });
  const cancelled = await mailTo(world, owner.email, /stays$/);

  expect(scheduled.text).toContain('because its contract ends');
  expect(scheduled.text).toContain('only we can take this back');
  expect(cancelled.text).toContain('has been taken back');
  expect(cancelled.text).toContain('Note: they signed again');
  expect(cancelled.text).not.toContain('Make new SCIM tokens');
});

test.concurrent('a leave taken back after the end says what has to be set up again', async () => {
  const tenant = await aTenant(world, { plan: 'free', sandbox: true });
  const owner = await theOwner(world, tenant);
  await offboarding.schedule.mutate({ tenantId: tenant.id, trigger: 'contract_end', note: 'contract 9' });
  await tenants.advanceClock.mutate({ tenantId: tenant.id, by: 'P30D' });
  await mailTo(world, owner.email, /has ended$/);

  await offboarding.cancel.mutate({ tenantId: tenant.id, note: 'a mistake' });

  const cancelled = await mailTo(world, owner.email, /stays$/);
  expect(cancelled.text).toContain('Make new SCIM tokens');
});

test.concurrent('what waits for a second person, and what was run without one, is mailed to those who may decide', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const asker = await anOperator(world, 'customer_success');
  const decider = await anOperator(world, 'engineering');
  const request = { tenantId: tenant.id, trigger: 'terms_violation', note: 'fraud, case 77' } as const;

  const refusal = await refusalOf(asker.client.offboarding.schedule.mutate(request));
  const approvalId = String(refusal.approvalId);
  const asked = await mailTo(world, decider.email, /^Approval asked for/);
  await asker.client.approvals.breakGlass.mutate({ approvalId, reason: 'it goes on at this moment' });
  const broken = await mailTo(world, decider.email, /^BREAK-GLASS/);

  expect(asked.subject).toBe(`Approval asked for: offboarding.schedule of Tenant ${tenant.slug}`);
  expect(broken.subject).toContain(
    `offboarding.schedule of Tenant ${tenant.slug} was run by one person alone`,
  );
  for (const { text } of [asked, broken]) {
    expect(text).toContain(`Asked by: ${asker.email}`);
    expect(text).toContain('Input: trigger: terms_violation');
    expect(text).toContain('Input: note: fraud, case 77');
    expect(text).toContain(`(${tenant.slug})`);
  }
  expect(asked.text).toContain(`npx tenantry call approvals.approve '{"approvalId":"${approvalId}"}'`);
  expect(asked.text).toMatch(/it expires on \d+ \w+ \d{4} at \d\d:\d\d UTC/);
  expect(broken.text).toContain('Reason given: it goes on at this moment');
  const told = (await world.mails()).filter(({ subject }) => subject?.includes(tenant.slug));
  expect(told.map(recipientOf)).not.toContain(asker.email);
});
