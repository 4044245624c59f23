import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { aDataDir } from '../infra/data-dirs.ts';
import { send } from '../support/http.ts';
import { aDatabase, on } from './database.ts';
import { asOwner, count, makeDueTenants } from './due-tenants.ts';
import { launch, serve, type Serving } from './process.ts';

const isLong = Boolean(process.env['LONG']);
const many = isLong ? 10_000 : 400;

async function aDeployment() {
  const databases = await aDatabase();
  const [secretKey, dataDir] = [randomBytes(32), await aDataDir()];
  const settings = {
    ...on(databases),
    DATA_DIR: dataDir,
    SECRET_KEY: secretKey.toString('base64'),
    BOOTSTRAP_OPERATOR_TOKEN: 'operator-of-the-test',
  };
  return { owner: await asOwner(databases), settings, secretKey, dataDir };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(50);
}

/** A free tenant, by somebody who registered it and is signed in. */
async function aRegistered({ url }: Serving): Promise<{ tenantId: string; token: string }> {
  const email = `ruth-${randomUUID()}@mail.example`;
  const body = { email, password: 'seven purple herons drift west', name: 'R', tenantName: 'R' };
  const answer = await send(url, '/api/auth/register', { body });
  return { tenantId: answer.body.tenant.id, token: answer.body.accessToken };
}

test(
  `of ${many} tenants on which something is due, swept by several workers that are killed in the middle, each fires once`,
  { timeout: 300_000 },
  async () => {
    const { owner, settings, secretKey, dataDir } = await aDeployment();
    await makeDueTenants(owner, { count: many, dataDir, secretKey });
    const left = () => count(owner, 'select count(*)::int as count from deadlines');
    const worker = () => serve({ ...settings, ROLE: 'worker' });

    const workers = await Promise.all([worker(), worker()]);
    await until(async () => (await left()) < many * 0.8);
    await workers[0].end('SIGKILL');
    const third = await worker();
    await until(async () => (await left()) === 0);
    await Promise.all([workers[1].end('SIGTERM'), third.end('SIGTERM')]);

    const fired = await owner.query(
      `select count(*)::int as events, count(distinct tenant_id)::int as tenants,
         (select count(*)::int from invitations where expired_at is null) as open
       from audit_events where action = 'invitation.expired'`,
    );
    expect(fired.rows).toEqual([{ events: many, tenants: many, open: 0 }]);
  },
);

test('a deadline that is due fires within five seconds', { timeout: 60_000 }, async () => {
  const { settings } = await aDeployment();
  const service = await serve(settings);
  const waits: number[] = [];
  for (const milliseconds of [700, 1300, 1900]) {
    const { tenantId } = await aRegistered(service);
    const startsAt = new Date(Date.now() + milliseconds);
    const cause = { trigger: 'customer_request', mode: 'read_only', note: 'in a moment' } as const;
    await service.client.suspension.suspend.mutate({
      tenantId,
      ...cause,
      startsAt: startsAt.toISOString(),
    });

    await until(async () => (await service.client.tenants.get.query({ tenantId })).status === 'suspended');
    waits.push(Date.now() - startsAt.getTime());
  }
  await service.end('SIGTERM');

  expect(waits.filter((wait) => wait < 0 || wait > 5000)).toEqual([]);
});

/** What a worker writes while it ends a tenant: where it is held up, by a lock, and killed. */
const everyStep = [
  'notifications',
  'offboardings',
  'sessions',
  'scim_tokens',
  'sso_connections',
  'invitations',
  'user_tokens',
  'deadlines',
  'tasks',
  'audit_events',
  'customer_notes',
];
const steps = isLong ? everyStep : ['sessions', 'customer_notes'];

test(
  `a worker that is killed while it ends a tenant (at ${steps.join(', ')}) leaves nothing half done; the next ends it once`,
  { timeout: 180_000 },
  async () => {
    const { owner, settings } = await aDeployment();
    const web = await serve({ ...settings, ROLE: 'web' });
    const bystander = await aRegistered(web);
    for (const table of steps) {
      const { tenantId, token } = await aRegistered(web);
      const get = () => web.client.tenants.get.query({ tenantId });
      await web.client.offboarding.schedule.mutate({ tenantId, trigger: 'contract_end', note: 'it ends' });
      await owner.query(`update offboardings set effective_at = now() where tenant_id = $1`, [tenantId]);
      await owner.query(
        `update deadlines set due_at = now(), fires_at = now() where tenant_id = $1 and kind = 'offboarding_execution'`,
        [tenantId],
      );

      await owner.query(`begin`);
      await owner.query(`lock table ${table} in share row exclusive mode`);
      // It is not ready before its first round is done, which it never is.
      const killed = launch({ ...settings, ROLE: 'worker' });
      const waiting = `select count(*)::int as count from pg_locks where relation = '${table}'::regclass and not granted`;
      await until(async () => (await count(owner, waiting)) > 0);
      await killed.end('SIGKILL');
      await owner.query('rollback');
      const between = await get();
      const next = await serve({ ...settings, ROLE: 'worker' });
      await until(async () => (await get()).status === 'offboarded');
      await next.end('SIGTERM');

      const { items } = await web.client.audit.list.query({ tenantId, action: 'tenant.offboarded' });
      const tasks = await count(
        owner,
        `select count(*)::int as count from customer_notes where tenant_id = '${tenantId}' and action = 'tenant.offboarded'`,
      );
      expect([table, between.status, items.length, tasks]).toEqual([table, 'active', 1, 1]);
      expect((await send(web.url, '/api/auth/me', { token })).status).toBe(403);
    }
    expect((await send(web.url, '/api/auth/me', { token: bystander.token })).status).toBe(200);
    await web.end('SIGTERM');
  },
);
