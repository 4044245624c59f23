import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { record } from '../../src/db/audit.ts';
import { Project } from '../../src/db/entities/work.ts';
import { WebhookDelivery } from '../../src/db/entities/webhook.ts';
import { newId } from '../../src/db/ids.ts';
import { later } from '../../src/db/jobs.ts';
import type { TenantScope } from '../../src/db/scope.ts';
import { createLog } from '../../src/infra/log.ts';
import { createMetrics } from '../../src/infra/metrics.ts';
import { createMailer } from '../../src/infra/mailer.ts';
import { tasks } from '../../src/worker/tasks.ts';
import { aScimToken, aTenant, openWorld, type TestTenant } from '../support/world.ts';
import { claimPurge, countRows, openEyes, purge, searchDatabase, takeOneTurn } from './tenants.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const log = createLog({ level: 'fatal', format: 'json' });
const metrics = createMetrics();
const eyes = await openEyes(world.database.ownerUrl);

const aSandbox = () => aTenant(world, { plan: 'free', sandbox: true });
const certificateOf = ({ id: tenantId }: TestTenant) =>
  world.operator.offboarding.certificate.query({ tenantId });

/** A gate that is closed until it is opened. */
function aGate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passing: promise, open: resolve };
}

function writeProject({ em, tenant, now }: TenantScope) {
  em.create(Project, { tenantId: tenant.id, id: newId(), name: 'late', createdAt: now, updatedAt: now });
  return em.flush();
}

test('who is in the middle of writing is waited for, and what was written is deleted and counted', async () => {
  const tenant = await aSandbox();
  const [entered, gate] = [aGate(), aGate()];
  const writing = world.inTenant(tenant.id, async (scope) => {
    entered.open();
    await gate.passing;
    await writeProject(scope);
    await delay(300);
  });
  await entered.passing;
  await claimPurge(world, tenant);
  gate.open();
  await delay(100);

  await purge(world, tenant);

  await writing;
  expect((await certificateOf(tenant)).rows).toMatchObject({ projects: 1, tenants: 1 });
  expect(await countRows(eyes, tenant.id)).toEqual({});
});

test('who entered before the claim and writes after the purge is refused by the database, in every kind of table', async () => {
  const tenant = await aSandbox();
  const gate = aGate();
  const all = aGate();
  let waiting = 0;
  const late = (write: (scope: TenantScope) => Promise<unknown>) =>
    world.inTenant(tenant.id, async (scope) => {
      waiting += 1;
      if (waiting === 3) all.open();
      await gate.passing;
      await write(scope);
      await scope.em.flush();
    });
  const writes = Promise.allSettled([
    late(writeProject),
    late((scope) => record(scope, 'project.created')),
    late(async ({ em, now }) =>
      em.create(WebhookDelivery, {
        tenantId: tenant.id,
        id: newId(),
        endpointOwnerId: tenant.id,
        endpointId: newId(),
        eventId: newId(),
        eventType: 'tenant.suspended',
        payload: {},
        createdAt: now,
        nextAttemptAt: now,
      }),
    ),
  ]);
  await all.passing;
  await claimPurge(world, tenant);
  await purge(world, tenant);
  const left = await searchDatabase(eyes, [tenant.id]);
  gate.open();

  const outcomes = await writes;
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect((await searchDatabase(eyes, [tenant.id])).found).toEqual(left.found);
});

test('after the claim nobody enters the tenant, and its directory’s token is worth nothing', async () => {
  const tenant = await aTenant(world, { sandbox: true });
  const { token } = await aScimToken(world, tenant);
  const provision = () =>
    world.send(`/scim/v2/${tenant.slug}/Users`, {
      token,
      headers: { 'content-type': 'application/scim+json' },
      body: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'late@mail.example' },
    });
  expect((await provision()).status).toBe(201);
  await claimPurge(world, tenant);

  const whileIt = await provision();
  const refused = world.inTenant(tenant.id, writeProject);
  await expect(refused).rejects.toMatchObject({ reason: 'TENANT_OFFBOARDED' });
  await purge(world, tenant);

  const afterwards = await provision();
  expect([whileIt.status, afterwards.status]).toEqual([403, 401]);
  await expect(world.inTenant(tenant.id, writeProject)).rejects.toMatchObject({ reason: 'NOT_FOUND' });
  expect(await countRows(eyes, tenant.id)).toEqual({});
});

test('a job of the tenant that runs late writes no row and no mail, and is waited for', async () => {
  const tenant = await aSandbox();
  await claimPurge(world, tenant);
  const data = { mail: 'welcome', tenantId: tenant.id, userId: crypto.randomUUID() } as const;
  await world.db.asControlPlane(world.entry({ kind: 'system' }), (scope) => later(scope, 'mail.send', data));
  // A worker has taken it.
  const taken = `state = 'active', started_on = now()`;
  await eyes(`update pgboss.job set ${taken} where data ->> 'tenantId' = $1`, [tenant.id]);

  expect(await takeOneTurn(world, tenant.id)).toBe('more');

  const mailer = createMailer({ smtpUrl: null, dataDir: world.dataDir, from: 'test@example.com' });
  const places = { link: () => '', supportEmail: null, supportUrl: null };
  const run = () =>
    tasks['mail.send']({ db: world.db, mailer, places, log, metrics }, { id: crypto.randomUUID(), data });
  await run();
  await eyes(
    `update pgboss.job set state = 'completed', completed_on = now() where data ->> 'tenantId' = $1`,
    [tenant.id],
  );
  await purge(world, tenant);
  await run();
  expect(await mailer.count(tenant.id)).toBe(0);
  expect(await countRows(eyes, tenant.id)).toEqual({});
});

test('the hourly tidying passes over a tenant that is being purged', async () => {
  const tenant = await aSandbox();
  await claimPurge(world, tenant);
  const mailer = createMailer({ smtpUrl: null, dataDir: world.dataDir, from: 'test@example.com' });
  const places = { link: () => '', supportEmail: null, supportUrl: null };

  await tasks['expired.delete'](
    { db: world.db, mailer, places, log, metrics },
    { id: crypto.randomUUID(), data: {} },
  );

  expect(await countRows(eyes, tenant.id)).not.toEqual({});
  await purge(world, tenant);
});

test('a file that was on its way when the key was destroyed takes itself back, and a later one is refused', async () => {
  const tenant = await aSandbox();
  await world.ports.files.put(tenant.id, 'before', Buffer.from('123'));
  const [started, slow] = [aGate(), aGate()];
  async function* body() {
    yield Buffer.from('first');
    started.open();
    await slow.passing;
    yield Buffer.from('last');
  }
  const onItsWay = world.ports.files.put(tenant.id, 'on-its-way', body());
  onItsWay.catch(() => {});
  await started.passing;
  await claimPurge(world, tenant);

  await purge(world, tenant);
  slow.open();

  await expect(onItsWay).rejects.toThrow('stores nothing any more');
  await expect(world.ports.files.put(tenant.id, 'late', Buffer.from('x'))).rejects.toThrow('stores nothing');
  expect(await certificateOf(tenant)).toMatchObject({ files: 1, bytes: 3 });
  const stored = await readdir(join(world.dataDir, 'storage'), { recursive: true });
  expect(stored.filter((name) => name.includes(tenant.id))).toEqual([]);
});

test('a purge that leaves one row gets no certificate until that is gone too', async () => {
  const tenant = await aSandbox();
  await world.inTenant(tenant.id, writeProject);
  await eyes(`create function keep() returns trigger as $$ begin return null; end $$ language plpgsql`);
  await eyes(`create trigger keep before delete on projects for each row execute function keep()`);
  await claimPurge(world, tenant);

  await expect(takeOneTurn(world, tenant.id)).rejects.toThrow('violates foreign key constraint');
  // Even where the tenant itself could go.
  await eyes(`alter table projects drop constraint projects_tenant_id_foreign`);
  expect([await takeOneTurn(world, tenant.id), await takeOneTurn(world, tenant.id)]).toEqual([
    'more',
    'more',
  ]);
  await expect(certificateOf(tenant)).rejects.toThrow('there is no certificate');
  expect(await countRows(eyes, tenant.id)).toEqual({ projects: 1 });

  await eyes(`drop trigger keep on projects`);
  expect(await takeOneTurn(world, tenant.id)).toBe('done');
  expect((await certificateOf(tenant)).rows).toMatchObject({ projects: 1 });
});
