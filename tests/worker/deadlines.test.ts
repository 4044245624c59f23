import type { ParsedMail } from 'mailparser';
import { describe, expect, test } from 'vitest';
import { issueInvitationToken } from '../../src/actions/people/invitations.ts';
import { Invitation } from '../../src/db/entities/work.ts';
import type { Plan } from '../../src/domain/plans/catalogue.ts';
import { connect } from '../support/connection.ts';
import {
  aTenant,
  anOwner,
  eventually,
  openWorld,
  strongPassword,
  type TestTenant,
} from '../support/world.ts';
import { recipientOf } from '../support/mails.ts';

// Two services on one database: whatever fires twice, fires twice here.
const world = await openWorld();
await world.another();
const { operator } = world;
const queue = await connect(world.database.ownerUrl);

const day = 86_400_000;

async function aSandbox(plan: Plan = 'professional'): Promise<TestTenant> {
  const tenant = await aTenant(world, { plan, sandbox: true });
  await anOwner(world, tenant);
  return tenant;
}

const advance = (tenant: TestTenant, by: string) =>
  operator.tenants.advanceClock.mutate({ tenantId: tenant.id, by });
const get = (tenant: TestTenant) => operator.tenants.get.query({ tenantId: tenant.id });

async function mailsTo(address: string, subject: RegExp): Promise<ParsedMail[]> {
  const mails = await world.mails();
  return mails.filter((mail) => recipientOf(mail) === address && subject.test(mail.subject ?? ''));
}

async function eventsOf(
  tenant: TestTenant,
  action: 'tenant.trial_notice_sent' | 'tenant.trial_ended' | 'invitation.expired',
) {
  const { items } = await operator.audit.list.query({ tenantId: tenant.id, action, limit: 100 });
  return items;
}

function untilEnded(tenant: TestTenant) {
  return eventually(async () => (await get(tenant)).status === 'active', 'the end of the trial');
}

describe('a trial', () => {
  test('is announced 7 days before its end, then the day before, and ends on the free plan, each exactly once', async () => {
    const tenant = await aSandbox();
    const address = tenant.ownerEmail;

    await advance(tenant, 'P7D');
    await eventually(async () => (await mailsTo(address, /ends in 7 days/)).length > 0, 'the first notice');
    const between = await get(tenant);
    const early = await mailsTo(address, /ends in 1 day$|has ended/);
    await advance(tenant, 'P7D');
    await eventually(async () => (await mailsTo(address, /has ended/)).length > 0, 'the mail of the end');
    await eventually(async () => (await mailsTo(address, /ends in 1 day$/)).length > 0, 'the second notice');

    expect(between).toMatchObject({ status: 'trial', plan: 'professional' });
    expect(early).toEqual([]);
    expect(await get(tenant)).toMatchObject({ status: 'active', plan: 'free' });
    expect(await deadlinesOf(tenant)).toEqual([]);
    expect((await eventsOf(tenant, 'tenant.trial_notice_sent')).map(({ details }) => details)).toEqual([
      { daysLeft: 1 },
      { daysLeft: 7 },
    ]);
    expect(await eventsOf(tenant, 'tenant.trial_ended')).toMatchObject([
      { actor: { kind: 'system', id: null } },
    ]);
    expect(await promisedMails(tenant)).toEqual([
      'invitation',
      'trial_ended',
      'trial_notice',
      'trial_notice',
    ]);
    expect(await mailsTo(address, /^The trial of/)).toHaveLength(3);
  });

  test('goes on until its last second', async () => {
    const tenant = await aSandbox();

    await advance(tenant, 'P13DT23H59M');
    await eventually(
      async () => (await eventsOf(tenant, 'tenant.trial_notice_sent')).length === 2,
      'both notices',
    );

    expect(await get(tenant)).toMatchObject({ status: 'trial', plan: 'professional' });
    await advance(tenant, 'PT1M');
    await untilEnded(tenant);
  });

  test('stands still while its tenant is suspended, and goes on for what was left', async () => {
    const tenant = await aSandbox();
    const tenantId = tenant.id;
    await advance(tenant, 'P5D');

    await operator.suspension.suspend.mutate({
      tenantId,
      trigger: 'customer_request',
      mode: 'read_only',
      note: 'pause',
    });
    await advance(tenant, 'P30D');
    const paused = await deadlinesOf(tenant);
    const suspended = await get(tenant);
    await operator.suspension.reinstate.mutate({ tenantId, note: 'on' });

    const after = await get(tenant);
    const left = Date.parse(after.trialEndsAt ?? '') - Date.parse(after.now);
    expect(paused.filter((kind) => kind !== 'task_escalation')).toEqual([]);
    expect(suspended).toMatchObject({ status: 'suspended', plan: 'professional' });
    expect(after).toMatchObject({ status: 'trial', plan: 'professional' });
    expect(Math.abs(left - 9 * day)).toBeLessThan(60_000);
    expect((await deadlinesOf(tenant)).toSorted()).toEqual([
      'trial_end',
      'trial_notice_1',
      'trial_notice_7',
      'trial_will_end',
    ]);
    expect(await eventsOf(tenant, 'tenant.trial_notice_sent')).toEqual([]);
    await advance(tenant, 'P9D');
    await untilEnded(tenant);
    expect(await eventsOf(tenant, 'tenant.trial_ended')).toHaveLength(1);
  });

  test('that was announced before a suspension is not announced again after it', async () => {
    const tenant = await aSandbox();
    const tenantId = tenant.id;
    await advance(tenant, 'P8D');
    await eventually(
      async () => (await eventsOf(tenant, 'tenant.trial_notice_sent')).length === 1,
      'the first notice',
    );

    await operator.suspension.suspend.mutate({
      tenantId,
      trigger: 'customer_request',
      mode: 'blocked',
      note: 'pause',
    });
    await operator.suspension.reinstate.mutate({ tenantId, note: 'on' });

    expect((await deadlinesOf(tenant)).toSorted()).toEqual(['trial_end', 'trial_notice_1', 'trial_will_end']);
  });
});

describe('an invitation', () => {
  test('is open until its last minute by the tenant’s clock, and then expires once', async () => {
    const tenant = await aTenant(world, { plan: 'free', sandbox: true });
    const token = await world.inTenant(tenant.id, async (scope) =>
      issueInvitationToken(scope, await scope.em.findOneOrFail(Invitation, { tenantId: tenant.id })),
    );
    await advance(tenant, 'P13DT23H59M');
    await eventually(sweptOnce, 'a sweep');
    const before = await invitationOf(tenant);

    await advance(tenant, 'PT1M');
    await eventually(async () => (await eventsOf(tenant, 'invitation.expired')).length > 0, 'the expiry');
    const accepted = await world.send('/api/auth/accept-invitation', {
      body: { token, password: strongPassword },
    });

    expect(before.expiredAt).toBeNull();
    expect((await invitationOf(tenant)).expiredAt).not.toBeNull();
    expect(accepted).toMatchObject({ status: 401, body: { reason: 'INVALID_CREDENTIALS' } });
    expect(await eventsOf(tenant, 'invitation.expired')).toHaveLength(1);
    expect(await deadlinesOf(tenant)).toEqual([]);
  });

  test('that has been accepted never expires', async () => {
    const tenant = await aSandbox('free');

    await advance(tenant, 'P60D');
    await eventually(sweptOnce, 'a sweep');

    expect(await deadlinesOf(tenant)).toEqual([]);
    expect(await eventsOf(tenant, 'invitation.expired')).toEqual([]);
  });
});

async function deadlinesOf({ id }: TestTenant): Promise<string[]> {
  const rows = await world.inTenant(id, ({ em }) =>
    em.execute<{ kind: string }[]>('select kind from deadlines'),
  );
  return rows.map(({ kind }) => kind);
}

async function promisedMails({ id }: TestTenant): Promise<string[]> {
  const jobs = await queue<{ mail: string }>(
    `select data->>'mail' as mail from pgboss.job where name = 'mail.send' and data->>'tenantId' = $1 order by 1`,
    [id],
  );
  return jobs.map(({ mail }) => mail);
}

async function invitationOf({ id }: TestTenant) {
  return world.inTenant(id, ({ em }) => em.findOneOrFail(Invitation, { tenantId: id }));
}

/** True once nothing is due any more: a sweep has passed since. */
async function sweptOnce(): Promise<boolean> {
  const due = await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em, now }) =>
    em.execute<unknown[]>('select 1 from deadlines where fires_at <= ?', [now]),
  );
  return due.length === 0;
}
