import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { issueInvitationToken } from '../../src/actions/people/invitations.ts';
import { Invitation } from '../../src/db/entities/work.ts';
import { auditOf, refusalOf, refusalsOf } from '../api/answers.ts';
import { anOperator, aPerson, theOwner } from '../api/people.ts';
import { aRegistration, aTenant, eventually, mailTo, openWorld, strongPassword } from '../support/world.ts';

const world = await openWorld();

const anEmail = () => `ines-${randomUUID().slice(0, 8)}@people.example`;

const input = () => ({ email: anEmail(), role: 'member' as const });

const linkOf = (tenantId: string, email: string) =>
  world.inTenant(tenantId, async (scope) =>
    issueInvitationToken(scope, await scope.em.findOneOrFail(Invitation, { tenantId, email })),
  );

const accept = (token: string) =>
  world.send('/api/auth/accept-invitation', { body: { token, password: strongPassword } });

test('who is invited is mailed a link, and accepting it makes them a user of that role', async () => {
  const tenant = await aTenant(world, { plan: 'starter' });
  const { client } = await theOwner(world, tenant);
  const email = anEmail();

  const invited = await client.directory.users.invite.mutate({ email, name: 'Ines', role: 'admin' });

  expect(invited).toMatchObject({ email, name: 'Ines', role: 'admin', state: 'open' });
  await mailTo(world, email);
  const accepted = await accept(await linkOf(tenant.id, email));
  expect(accepted).toMatchObject({ status: 201, body: { user: { email, role: 'admin', name: 'Ines' } } });
  const { items } = await client.directory.invitations.list.query();
  expect(items.map(({ state }) => state)).toEqual(['accepted', 'accepted']);
});

test('an address that is a user or invited already is a conflict, also for two who invite it at once', async () => {
  const tenant = await aTenant(world, { plan: 'starter' });
  const { client } = await theOwner(world, tenant);
  const member = await aPerson(world, tenant.id, 'member');
  const invite = (email: string) => client.directory.users.invite.mutate({ email, role: 'member' });
  const email = anEmail();

  const both = await Promise.allSettled([invite(email), invite(email.toUpperCase())]);

  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await refusalOf(invite(email))).reason).toBe('CONFLICT');
  expect((await refusalOf(invite(member.email))).reason).toBe('CONFLICT');
});

test('admins invite, and only owners invite owners; members and the unverified do not; operators by their role', async () => {
  const tenant = await aTenant(world, { plan: 'starter' });
  await theOwner(world, tenant);
  const admin = await aPerson(world, tenant.id, 'admin');
  const member = await aPerson(world, tenant.id, 'member');
  const fresh = world.as((await aRegistration(world)).accessToken);
  const care = await anOperator(world, 'customer_success');
  const money = await anOperator(world, 'billing');
  const of = { tenantId: tenant.id };

  await admin.client.directory.users.invite.mutate(input());
  await care.client.directory.users.invite.mutate({ ...of, ...input(), role: 'owner' });

  const refusals = await refusalsOf([
    admin.client.directory.users.invite.mutate({ ...input(), role: 'owner' }),
    member.client.directory.users.invite.mutate(input()),
    fresh.directory.users.invite.mutate(input()),
    money.client.directory.users.invite.mutate({ ...of, ...input() }),
  ]);
  expect(refusals.map(({ reason }) => reason)).toEqual([
    'PERMISSION_DENIED',
    'PERMISSION_DENIED',
    'EMAIL_NOT_VERIFIED',
    'PERMISSION_DENIED',
  ]);
});

test('a revoked invitation leads nowhere, and its place is free at once', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const { client } = await theOwner(world, tenant);
  const emails = Array.from({ length: 4 }, anEmail);
  const invited = [];
  for (const email of emails)
    invited.push(await client.directory.users.invite.mutate({ email, role: 'member' }));
  const [first = { id: '', email: '' }] = invited;
  const link = await linkOf(tenant.id, first.email);
  const more = () => client.directory.users.invite.mutate({ email: anEmail(), role: 'member' });
  expect(await refusalOf(more())).toMatchObject({ reason: 'PLAN_LIMIT_REACHED', allowed: 5, used: 5 });

  const revoked = await client.directory.invitations.revoke.mutate({ invitationId: first.id });

  expect(revoked.state).toBe('revoked');
  expect((await accept(link)).status).toBe(401);
  await more();
  expect(
    (await refusalOf(client.directory.invitations.revoke.mutate({ invitationId: first.id }))).reason,
  ).toBe('NOT_FOUND');
  expect(await auditOf(world, tenant.id)).toContain('invitation.revoked');
});

test('an invitation can be mailed anew and lasts anew, four times in an hour and no more', async () => {
  const tenant = await aTenant(world, { plan: 'free', sandbox: true });
  const { client } = await theOwner(world, tenant);
  const email = anEmail();
  const made = await client.directory.users.invite.mutate({ email, role: 'member' });
  await world.operator.tenants.advanceClock.mutate({ tenantId: tenant.id, by: 'P10D' });
  const resend = () => client.directory.invitations.resend.mutate({ invitationId: made.id });

  const again = await resend();

  expect(Date.parse(again.expiresAt) - Date.parse(made.expiresAt)).toBeGreaterThan(9.9 * 86_400_000);
  await world.operator.tenants.advanceClock.mutate({ tenantId: tenant.id, by: 'P10D' });
  for (let sent = 2; sent <= 4; sent += 1) await resend();
  expect((await refusalOf(resend())).reason).toBe('RATE_LIMITED');
  expect((await accept(await linkOf(tenant.id, email))).status).toBe(201);
});

test('an invitation that nobody accepts in time gives its place back', async () => {
  const tenant = await aTenant(world, { plan: 'free', sandbox: true });
  const { client } = await theOwner(world, tenant);
  await client.directory.users.invite.mutate({ email: anEmail(), role: 'member' });

  await world.operator.tenants.advanceClock.mutate({ tenantId: tenant.id, by: 'P15D' });

  await eventually(
    async () => (await client.plans.current.query()).usage.users === 1,
    'the place is free again',
  );
});

test('a read-only tenant invites nobody, and its owner can still take an invitation back', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const { client } = await theOwner(world, tenant);
  const { id } = await client.directory.users.invite.mutate({ email: anEmail(), role: 'member' });
  const cause = { trigger: 'payment_failure', mode: 'read_only', note: 'a test' } as const;
  await world.operator.suspension.suspend.mutate({ tenantId: tenant.id, ...cause });

  const refused = refusalOf(client.directory.users.invite.mutate({ email: anEmail(), role: 'member' }));

  expect((await refused).reason).toBe('TENANT_READ_ONLY');
  expect((await client.directory.invitations.revoke.mutate({ invitationId: id })).state).toBe('revoked');
});
