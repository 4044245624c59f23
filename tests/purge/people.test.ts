import { expect, test } from 'vitest';
import { Person } from '../../src/db/entities/person.ts';
import { later } from '../../src/db/jobs.ts';
import { issueResetToken } from '../../src/actions/people/credentials.ts';
import { findOrCreatePerson } from '../../src/actions/people/person-links.ts';
import { Membership, User } from '../../src/db/entities/user.ts';
import { createMailer } from '../../src/infra/mailer.ts';
import { anInvitation, theOwner } from '../api/people.ts';
import { aTenant, eventually, openWorld, strongPassword, type TestTenant } from '../support/world.ts';
import { claimPurge, openEyes, purge } from './tenants.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const eyes = await openEyes(world.database.ownerUrl);
const system = world.entry({ kind: 'system' });

async function aSandbox(): Promise<TestTenant> {
  const tenant = await aTenant(world, { plan: 'free', sandbox: true });
  await theOwner(world, tenant);
  return tenant;
}

/** Somebody who accepts an invitation to each of these tenants. */
async function joinAll(tenants: readonly TestTenant[]): Promise<string> {
  const email = `pat-${crypto.randomUUID()}@people.example`;
  for (const { id } of tenants) {
    const token = await anInvitation(world, id, { email, role: 'member' });
    await world.send('/api/auth/accept-invitation', { body: { token, password: strongPassword } });
  }
  return email;
}

const isThere = async (email: string) =>
  (await eyes(`select 1 from people where email_key = $1`, [email])).length === 1;
const peopleIn = async (tenant: TestTenant) =>
  (await world.operator.offboarding.certificate.query({ tenantId: tenant.id })).rows['people'] ?? 0;

test('who was in no other tenant goes with everything about them; who is in another stays', async () => {
  const [gone, living] = [await aSandbox(), await aSandbox()];
  const alone = await joinAll([gone]);
  const both = await joinAll([gone, living]);
  const [person] = await eyes<{ id: string }>(`select id from people where email_key = $1`, [alone]);
  const personId = person?.id ?? '';
  await world.send('/api/auth/forgot-password', { body: { email: alone } });
  const job = { mail: 'reset_password', personId } as const;
  await world.db.asControlPlane(system, (scope) => later(scope, 'mail.send', job));
  await eyes(
    `insert into notifications (tenant_id, id, mail, occurrence, recipient_kind, recipient_id, promised_at, address)
     values ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'reset_password', 'x', 'person', $1, now(), $2)`,
    [personId, alone],
  );
  await eyes(`insert into person_tokens (hash, person_id, expires_at) values ('h', $1, now())`, [personId]);
  const mailer = createMailer({ smtpUrl: null, dataDir: world.dataDir, from: 'test@example.com' });
  await mailer.send({ id: 'x', about: personId, to: alone, subject: 'x', text: 'x', html: 'x' });
  await claimPurge(world, gone);

  await purge(world, gone);

  expect([await isThere(alone), await isThere(both)]).toEqual([false, true]);
  // The owner and who was alone.
  expect(await peopleIn(gone)).toBe(2);
  const left = await eyes<{ row: string }>(
    `select t::text as row from notifications t union all select t::text from person_tokens t union all select t::text from pgboss.job t`,
  );
  expect(left.filter(({ row }) => row.includes(personId) || row.includes(alone))).toEqual([]);
  expect(await mailer.count(personId)).toBe(0);
  const signedIn = await world.send('/api/auth/login', { body: { email: both, password: strongPassword } });
  expect([signedIn.status, signedIn.body.tenant.id]).toEqual([200, living.id]);
});

test('a tenant that is being purged stands in nobody’s way to another', async () => {
  const [living, going] = [await aSandbox(), await aSandbox()];
  // The one that goes is where they signed in last.
  const email = await joinAll([living, going]);
  await claimPurge(world, going);
  const signIn = (password: string, tenant?: string) =>
    world.send('/api/auth/login', { body: { email, password, ...(tenant ? { tenant } : {}) } });

  const anywhere = await signIn(strongPassword);
  const there = await signIn(strongPassword, going.slug);
  const token = await world.db.asControlPlane(system, async (scope) =>
    issueResetToken(scope, await scope.em.findOneOrFail(Person, { emailKey: email })),
  );
  const reset = await world.send('/api/auth/reset-password', {
    body: { token, password: 'another long one it is' },
  });

  expect([anywhere.status, anywhere.body.tenant?.id]).toEqual([200, living.id]);
  expect([there.status, there.body.reason]).toEqual([403, 'TENANT_OFFBOARDED']);
  expect(reset.status).toBe(200);
  expect((await signIn('another long one it is')).body.tenant?.id).toBe(living.id);
  await purge(world, going);
});

test('who is in two tenants that are purged goes with the second', async () => {
  const [first, second] = [await aSandbox(), await aSandbox()];
  const email = await joinAll([first, second]);
  await claimPurge(world, first);
  await claimPurge(world, second);

  await Promise.all([purge(world, first, 500), purge(world, second, 500)]);

  expect(await isThere(email)).toBe(false);
  expect((await peopleIn(first)) + (await peopleIn(second))).toBe(3);
});

test('who joins another tenant while theirs is purged stays, or is made anew', async () => {
  const [gone, living] = [await aSandbox(), await aSandbox()];
  const email = await joinAll([gone]);
  await claimPurge(world, gone);
  const user = await world.inTenant(living.id, ({ em }) => em.findOneOrFail(User, { tenantId: living.id }));
  let purging: Promise<number> | undefined;

  await world.db.asControlPlane(system, async (scope) => {
    const person = await findOrCreatePerson(scope, { email, passwordHash: null });
    purging = purge(world, gone, 500);
    await eventually(
      async () => (await eyes(`select 1 from pg_locks where not granted`)).length > 0,
      'the purge waits for the person',
    );
    await scope.em.nativeUpdate(
      Membership,
      { tenantId: living.id, user: [living.id, user.id] },
      { personId: person.id, emailKey: email },
    );
  });
  await purging;

  expect(await isThere(email)).toBe(true);
  const later = await world.db.asControlPlane(system, (scope) =>
    findOrCreatePerson(scope, { email: gone.ownerEmail, passwordHash: null }),
  );
  expect(await world.db.asControlPlane(system, ({ em }) => em.count(Person, { id: later.id }))).toBe(1);
});
