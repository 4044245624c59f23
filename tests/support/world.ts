import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ParsedMail } from 'mailparser';
import { afterAll } from 'vitest';
import { getOnboarding, waiveStep } from '../../src/actions/lifecycle/onboarding.ts';
import { authenticateOperator } from '../../src/actions/operations/operators.ts';
import { issueInvitationToken } from '../../src/actions/people/invitations.ts';
import { createTenantryClient, type TenantryClient } from '../../src/cli/client.ts';
import { openControlPool } from '../../src/db/control-pool.ts';
import { Invitation } from '../../src/db/entities/work.ts';
import { createGlance } from '../../src/db/glance.ts';
import { openJobs } from '../../src/db/jobs.ts';
import { openOrm } from '../../src/db/orm.ts';
import { createDatabase, type Database, type TenantScope } from '../../src/db/scope.ts';
import type { Actor } from '../../src/domain/actors.ts';
import type { Plan } from '../../src/domain/plans/catalogue.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { readConfig } from '../../src/infra/config.ts';
import { createLog } from '../../src/infra/log.ts';
import { createPorts } from '../../src/infra/ports.ts';
import type { Storage } from '../../src/infra/storage.ts';
import { openStorage } from '../../src/infra/storage/open-storage.ts';
import { type Service, startService } from '../../src/start.ts';
import { cloneDatabase } from './database.ts';
import { type Json, send, type SendOptions } from './http.ts';
import { readMails, recipientOf } from './mails.ts';

export type Session = { accessToken: string; refreshToken: string; user: Json; tenant: Json };
export type TestTenant = { id: string; slug: string; ownerEmail: string };

export const strongPassword = 'seven purple herons drift west';

type WorldOptions = { env?: Record<string, string> };

/** A running service with a database, a data folder and a mailbox of its own; closed after the file's tests. */
export async function openWorld({ env = {} }: WorldOptions = {}) {
  const database = await cloneDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'tenantry-world-'));
  const secretKey = randomBytes(32);
  const bootstrapToken = `test-${randomUUID()}`;
  const log = createLog({ level: 'fatal', format: 'json' });
  const services: Service[] = [];

  /** One more process's worth of service on the same database and storage. */
  const another = async (more: Record<string, string> = {}) => {
    const config = readConfig({ PORT: '0', DATA_DIR: dataDir, NODE_ENV: 'test', ...env, ...more });
    const service = await startService({
      config,
      databaseUrl: database.loginUrl,
      secretKey,
      bootstrapToken,
      version: '0.0.0-test',
      log,
    });
    services.push(service);
    return service;
  };

  const service = await another();
  const { storage } = readConfig({ DATA_DIR: dataDir, ...env });
  const inside = await openInside(database.loginUrl, await openStorage(storage), secretKey);
  const world = {
    url: service.url,
    service,
    another,
    dataDir,
    database,
    secretKey,
    bootstrapToken,
    ...inside.reach,
    operator: createTenantryClient({ url: service.url, token: bootstrapToken }),
    as: (token: string, url = service.url): TenantryClient => createTenantryClient({ url, token }),
    send: (path: string, init?: SendOptions) => send(service.url, path, init),
    mails: () => readMails(dataDir),
    close: async () => {
      await Promise.all(services.splice(0).map((each) => each.stop()));
      await inside.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  afterAll(world.close);
  return world;
}
export type World = Awaited<ReturnType<typeof openWorld>>;

function entry(actor: Actor) {
  return { actor, now: new Date(), origin: { requestId: 'test', ip: null, userAgent: null } };
}

/** The scopes of the same database, for looking at what is stored and for steps that need no HTTP. */
async function openInside(loginUrl: string, storage: Storage, secretKey: Buffer) {
  const orm = openOrm(loginUrl);
  const pool = openControlPool(loginUrl);
  const jobs = openJobs(loginUrl, { supervise: false });
  jobs.on('error', () => {
    // Reported by the calls.
  });
  await jobs.start();
  const ports: Ports = createPorts({ secretKey, storage });
  const db: Database = createDatabase({ orm, jobs, ports, glance: createGlance(pool) });
  const inTenant = <T>(
    tenantId: string,
    work: (scope: TenantScope) => Promise<T>,
    actor: Actor = { kind: 'system' },
  ): Promise<T> => db.inTenant({ ...entry(actor), tenantId }, work);
  return {
    reach: { db, ports, entry, inTenant },
    close: async () => {
      await jobs.stop({ graceful: false });
      await orm.close();
      await pool.end();
    },
  };
}

/** A tenant made by an operator; an enterprise one is live unless `onboarding` is asked for. */
export async function aTenant(
  world: World,
  {
    plan = 'enterprise',
    onboarding = false,
    sandbox = false,
  }: { plan?: Plan; onboarding?: boolean; sandbox?: boolean } = {},
): Promise<TestTenant> {
  const slug = `t-${randomUUID().slice(0, 13)}`;
  const ownerEmail = `owner@${slug}.example`;
  const { id } = await world.operator.tenants.create.mutate({
    name: `Tenant ${slug}`,
    slug,
    plan,
    sandbox,
    adminEmail: ownerEmail,
    adminName: 'Olive Owner',
  });
  if (plan === 'enterprise' && !onboarding) await goLive(world, id);
  return { id, slug, ownerEmail };
}

/** Waives whatever is open, as the world's operator and in one transaction, and takes the tenant live. */
export async function goLive(world: World, tenantId: string): Promise<void> {
  const operator = await authenticateOperator(world.db, world.bootstrapToken, new Date());
  if (!operator) throw new Error('the bootstrap operator is not known');
  await world.inTenant(tenantId, waiveOpenSteps, operator);
  await world.operator.onboarding.goLive.mutate({ tenantId });
}

async function waiveOpenSteps(scope: TenantScope): Promise<void> {
  const { open } = await getOnboarding(scope);
  for (const step of open) await waiveStep(scope, { step, note: 'for a test' });
}

/** The tenant's first owner, who has accepted the invitation and is signed in. */
export async function anOwner(world: World, tenant: TestTenant): Promise<Session> {
  const token = await world.inTenant(tenant.id, async (scope) => {
    const invitation = await scope.em.findOneOrFail(Invitation, {
      tenantId: tenant.id,
      email: tenant.ownerEmail,
    });
    return issueInvitationToken(scope, invitation);
  });
  const answer = await world.send('/api/auth/accept-invitation', {
    body: { token, password: strongPassword },
  });
  if (answer.status !== 201) throw new Error(`the invitation was not accepted: ${answer.text}`);
  return answer.body;
}

/** Somebody who registered a tenant by themselves. */
export async function aRegistration(
  world: World,
  more: { email?: string; plan?: Plan; slug?: string; password?: string } = {},
): Promise<Session & { email: string }> {
  const email = more.email ?? `ruth-${randomUUID().slice(0, 8)}@mail.example`;
  const answer = await world.send('/api/auth/register', {
    body: { email, password: strongPassword, name: 'Ruth Register', tenantName: 'Registered', ...more },
  });
  if (answer.status !== 201) throw new Error(`the registration failed: ${answer.text}`);
  return { ...answer.body, email };
}

/** A token for the tenant's directory, and where it leads. */
export async function aScimToken(
  world: World,
  tenant: TestTenant,
): Promise<{ id: string; token: string; baseUrl: string }> {
  return world.operator.connections.scim.createToken.mutate({ tenantId: tenant.id, label: 'test' });
}

/** Waits until `look` finds something, or fails after some seconds. */
export async function eventually<T>(
  look: () => Promise<T | null | undefined | false>,
  what: string,
  seconds = 15,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`did not happen in ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The mail to an address, once the worker has sent it. */
export function mailTo(world: World, address: string, subject: RegExp = /./): Promise<ParsedMail> {
  return eventually(
    async () =>
      (await world.mails()).find((mail) => recipientOf(mail) === address && subject.test(mail.subject ?? '')),
    `a mail to ${address} about ${subject}`,
  );
}
