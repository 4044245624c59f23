import { afterAll, expect, test } from 'vitest';
import { tellAdmins } from '../../src/actions/notifications/notices.ts';
import { connect } from '../support/connection.ts';
import { aTenant, eventually, openWorld, type TestTenant } from '../support/world.ts';
import { openRoughMailServer, type Treatment } from './rough-mail-server.ts';

let treat: () => Treatment = () => 'accept';
const server = await openRoughMailServer(() => treat());
// Closed after the service has hung up: what is closed last is opened first.
afterAll(server.close);
const world = await openWorld({ env: { SMTP_URL: server.url } });
const query = await connect(world.database.ownerUrl);

/** Mails that were refused wait longer each time: lets that time pass. */
async function passTime(): Promise<void> {
  await query(`update pgboss.job set start_after = now() where name = 'mail.send' and state = 'retry'`);
}

async function logOf({ id }: TestTenant) {
  const { items } = await world.operator.notifications.list.query({
    tenantId: id,
    mail: 'trial_ended',
    limit: 200,
  });
  return items;
}

const arrivedFor = ({ ownerEmail }: TestTenant) =>
  server.arrived.filter(({ to, subject }) => to === ownerEmail && subject.includes('trial'));

test('through a server that refuses, hangs up and loses its answers each mail arrives, and again only as the same mail', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  const rough = random(1);
  treat = () => pick(rough());
  const occurrences = Array.from({ length: 10 }, (_, index) => String(index));

  await world.inTenant(tenant.id, async (scope) => {
    for (const occurrence of occurrences) await tellAdmins(scope, { mail: 'trial_ended' }, occurrence);
  });
  await eventually(
    async () => {
      await passTime();
      const log = await logOf(tenant);
      return log.length === occurrences.length && log.every(({ state }) => state === 'sent');
    },
    'every mail',
    40,
  );

  const arrived = arrivedFor(tenant);
  const ids = new Set(arrived.map(({ messageId }) => messageId));
  expect(ids.size).toBe(occurrences.length);
  expect(arrived.length).toBeGreaterThan(occurrences.length);
}, 60_000);

test('a mail that a server refuses is seen in the log with what it said, until it has gone', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  treat = () => 'refuse';
  await world.inTenant(tenant.id, (scope) => tellAdmins(scope, { mail: 'trial_ended' }, 'once'));

  const [refused] = await eventually(async () => {
    const log = await logOf(tenant);
    return log[0]?.state === 'failing' && log;
  }, 'the refusal');
  treat = () => 'accept';
  const [sent] = await eventually(async () => {
    await passTime();
    const log = await logOf(tenant);
    return log[0]?.state === 'sent' && log;
  }, 'the mail');

  expect(refused?.lastError).toContain('try again later');
  expect(refused?.sentAt).toBeNull();
  expect(sent?.lastError).toBeNull();
});

test('no mail goes before its transaction has committed, and none when it never does', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  treat = () => 'accept';
  const tell = (occurrence: string, after: () => Promise<void>) =>
    world.inTenant(tenant.id, async (scope) => {
      await tellAdmins(scope, { mail: 'trial_ended' }, occurrence);
      await after();
    });

  const undone = tell('undone', () => Promise.reject(new Error('changed my mind')));
  await expect(undone).rejects.toThrow('changed my mind');
  let before = -1;
  await tell('kept', async () => {
    // Longer than a worker takes to look again.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    before = arrivedFor(tenant).length;
  });
  await eventually(async () => (await logOf(tenant))[0]?.state === 'sent', 'the mail');

  expect(before).toBe(0);
  expect(arrivedFor(tenant)).toHaveLength(1);
});

function pick(share: number): Treatment {
  if (share < 0.6) return 'accept';
  if (share < 0.7) return 'refuse';
  return share < 0.8 ? 'hang_up' : 'lost_answer';
}

/** Numbers from 0 to 1 that look random, the same in each run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
