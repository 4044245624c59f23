import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Actor, UserActor } from '../domain/actors.ts';
import type { Ports, SecretBox } from '../domain/ports.ts';
import { Refusal } from '../domain/refusal.ts';
import { requireLiveSession } from '../domain/sessions.ts';
import { asRefusal, untilSettled } from './conflicts.ts';
import { Tenant } from './entities/tenant.ts';
import type { Glance } from './glance.ts';
import type { Jobs } from './jobs.ts';
import { controlRole, noTenant, purgeRole, tenantRole } from './policies.ts';
import { readTenant, type SeenTenant } from './round-trips/seen-tenant.ts';
import { readSessionAccess } from './session-access.ts';
import { createWatch, type Watch } from './watch.ts';

/** From where a request came. */
export type Origin = { requestId: string; ip: string | null; userAgent: string | null };

/** Who asks, at which moment, from where; read once, at the entry point. */
export type Entry = { actor: Actor; now: Date; origin: Origin };

/** Whose scope is opened; with `seen` the tenant is read again only if it has changed since. */
export type TenantEntry = Entry & { tenantId: string; seen?: SeenTenant | undefined };

/** One transaction with one entity manager, one actor, one moment. */
export type Scope = Entry & {
  em: EntityManager;
  jobs: Jobs;
  ports: Ports;
  /** The tenant under which audit events and idempotency keys are kept: a tenant's id, or that of none. */
  ownerId: string;
  /** Where a preview or rehearsal looks on. */
  watch?: Watch | undefined;
};

/** A transaction that sees the tables that route and steer, and of no tenant more than that. */
export type ControlScope = Scope & { kind: 'control' };

/** A transaction that can see and touch one tenant's rows only. */
export type TenantScope = Scope & {
  kind: 'tenant';
  tenant: Tenant;
  /** The tenant's key for secrets at rest. */
  key: SecretBox;
  /** The tenant's present: `now`, ahead of it in a sandbox tenant. Only deadlines follow it. */
  tenantNow: Date;
};

/** A transaction that deletes one tenant's rows, and can write none. It needs neither the tenant nor its key. */
export type PurgeScope = { kind: 'purge'; em: EntityManager; tenantId: string; now: Date };

/** The only way in. */
export type Database = {
  ports: Ports;
  glance: Glance;
  inTenant<T>(entry: TenantEntry, work: (scope: TenantScope) => Promise<T>): Promise<T>;
  /** A tenant's scope as the person behind a session, which is read and judged anew in the same transaction. */
  inSession<T>(
    entry: Omit<Entry, 'actor'> & { tenantId: string; sessionId: string },
    work: (scope: TenantScope & { actor: UserActor }) => Promise<T>,
  ): Promise<T>;
  asControlPlane<T>(entry: Entry, work: (scope: ControlScope) => Promise<T>): Promise<T>;
  /** For the purge of a tenant alone. */
  inPurge<T>(tenantId: string, now: Date, work: (scope: PurgeScope) => Promise<T>): Promise<T>;
};

type DatabaseParts = { orm: MikroORM; jobs: Jobs; ports: Ports; glance: Glance };

type Work<T> = (em: EntityManager, attempt: number) => Promise<T>;

/** Opens scopes on one database. A transaction that lost a deadlock or trusted what was past is run again, whole. */
export function createDatabase({ orm, jobs, ports, glance }: DatabaseParts): Database {
  function run<T>(tenantId: string, role: string, work: Work<T>): Promise<T> {
    return untilSettled((attempt) => {
      const em = orm.em.fork();
      em.setSessionContext({ variables: { 'app.tenant_id': tenantId, role } });
      return em.transactional((em) => work(em, attempt));
    });
  }
  return {
    ports,
    glance,
    inTenant: ({ seen, ...entry }, work) =>
      run(entry.tenantId, tenantRole, async (em, attempt) =>
        work(await openTenant({ ...entry, em, jobs, ports, seen: attempt === 1 ? seen : undefined })),
      ),
    inSession: (entry, work) =>
      run(entry.tenantId, tenantRole, async (em) => work(await openSession({ ...entry, em, jobs, ports }))),
    asControlPlane: (entry, work) =>
      run(noTenant, controlRole, (em) =>
        work({ ...entry, kind: 'control', em, jobs, ports, ownerId: noTenant }),
      ),
    inPurge: (tenantId, now, work) =>
      run(tenantId, purgeRole, (em) => work({ kind: 'purge', em, tenantId, now })),
  };
}

/**
 * Enters a tenant from the control plane, in the same transaction, and leaves it again. `NOT_FOUND` where there
 * is none.
 */
export async function enterTenant<T>(
  scope: ControlScope,
  tenantId: string,
  work: (scope: TenantScope) => Promise<T>,
): Promise<T> {
  const entered = await enter(scope, tenantId);
  if (entered instanceof Refusal) throw entered;
  return leaveAfter(entered, work);
}

/** Like `enterTenant`; `null` where the tenant is being purged, or is gone. */
export async function enterUnlessGone<T>(
  scope: ControlScope,
  tenantId: string,
  work: (scope: TenantScope) => Promise<T>,
): Promise<T | null> {
  const entered = await enter(scope, tenantId);
  return entered instanceof Refusal ? null : leaveAfter(entered, work);
}

/** Steps into the tenant; where it does not let anybody in, back out again with the reason. */
async function enter(scope: ControlScope, tenantId: string): Promise<TenantScope | Refusal> {
  const { em } = scope;
  await em.flush();
  await switchTo(em, tenantRole, tenantId);
  try {
    return await openTenant({ ...scope, tenantId });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await switchTo(em, controlRole, noTenant);
    return error;
  }
}

async function leaveAfter<T>(entered: TenantScope, work: (scope: TenantScope) => Promise<T>): Promise<T> {
  const result = await work(entered);
  await entered.em.flush();
  await switchTo(entered.em, controlRole, noTenant);
  return result;
}

/** Enters the tenant under which something is kept, or stays at the control plane where it is kept under none. */
export function enterPlace<T>(
  scope: ControlScope,
  tenantId: string,
  work: (place: TenantScope | ControlScope) => Promise<T>,
): Promise<T> {
  return tenantId === noTenant ? work(scope) : enterTenant(scope, tenantId, work);
}

/** Looks out of a tenant's scope at the control plane, in the same transaction, and comes back. */
export async function atControlPlane<T>(
  scope: TenantScope,
  work: (scope: ControlScope) => Promise<T>,
): Promise<T> {
  const { em, actor, now, origin, jobs, ports, watch } = scope;
  await em.flush();
  await switchTo(em, controlRole, noTenant);
  const control = { kind: 'control', em, actor, now, origin, jobs, ports, watch, ownerId: noTenant } as const;
  const result = await work(control);
  await em.flush();
  await switchTo(em, tenantRole, scope.tenant.id);
  return result;
}

/**
 * Runs work from a savepoint: if it is refused, what it did is undone and nothing else of the transaction, and the
 * refusal is the answer. Any other failure ends the transaction.
 */
export async function fromSavepoint<T>(
  scope: ControlScope,
  work: (scope: ControlScope) => Promise<T>,
): Promise<{ result: T } | { refusal: Refusal }> {
  const { em } = scope;
  await em.flush();
  await em.execute('savepoint work');
  // What it reads and makes is forgotten with what is undone.
  const inner = em.fork({ keepTransactionContext: true });
  try {
    const result = await work({ ...scope, em: inner });
    await inner.flush();
    await em.execute('release savepoint work');
    return { result };
  } catch (error) {
    const refusal = asRefusal(error);
    if (!(refusal instanceof Refusal)) throw error;
    await em.execute('rollback to savepoint work');
    return { refusal };
  }
}

/** The same transaction with nothing in memory yet: it knows what a transaction that followed would know. */
export async function openAnew(scope: TenantScope): Promise<TenantScope> {
  const em = scope.em.fork({ keepTransactionContext: true });
  return { ...scope, em, tenant: await em.findOneOrFail(Tenant, scope.tenant.id) };
}

/** The same scope with somebody looking on, from now. */
export function watched<S extends Scope>(scope: S): S & { watch: Watch } {
  return { ...scope, watch: createWatch() };
}

/**
 * Steps out of a run-time role and into the worker's own, in the same transaction: other's jobs are no role's to see.
 */
export async function atJobs<T>(scope: ControlScope | PurgeScope, work: () => Promise<T>): Promise<T> {
  const { em } = scope;
  const [role, tenantId] = scope.kind === 'purge' ? [purgeRole, scope.tenantId] : [controlRole, noTenant];
  await switchTo(em, 'none', tenantId);
  const result = await work();
  await switchTo(em, role, tenantId);
  return result;
}

async function switchTo(em: EntityManager, role: string, tenantId: string): Promise<void> {
  await em.execute(`select set_config('role', ?, true), set_config('app.tenant_id', ?, true)`, [
    role,
    tenantId,
  ]);
}

type Opening = Omit<Scope, 'ownerId'> & { tenantId: string; seen?: SeenTenant | undefined };

async function openTenant({ tenantId, seen, ...entry }: Opening): Promise<TenantScope> {
  const tenant = await readTenant(entry.em, tenantId, seen);
  if (!tenant) throw new Refusal('NOT_FOUND', 'no such tenant');
  return withTenant(entry, tenant);
}

async function openSession({
  tenantId,
  sessionId,
  ...entry
}: Omit<Opening, 'actor'> & { sessionId: string }): Promise<TenantScope & { actor: UserActor }> {
  const access = await readSessionAccess(entry.em, tenantId, sessionId);
  if (!access) throw new Refusal('INVALID_CREDENTIALS', 'this session has ended');
  const { tenant, session } = access;
  requireLiveSession(tenant, session, entry.now);
  const { userId, role, emailVerified } = session;
  const actor = { kind: 'user', id: userId, role, emailVerified, sessionId } as const;
  return { ...(await withTenant({ ...entry, actor }, tenant)), actor };
}

async function withTenant(entry: Omit<Opening, 'tenantId'>, tenant: Tenant): Promise<TenantScope> {
  if (tenant.purgeClaimedAt) throw new Refusal('TENANT_OFFBOARDED', 'this tenant is being deleted');
  const key = await entry.ports.tenantKeys.get(tenant.id);
  if (!key) throw new Error(`the key of tenant ${tenant.id} is missing beside the stored files`);
  const tenantNow = new Date(entry.now.getTime() + tenant.clockOffsetSeconds * 1000);
  return { ...entry, kind: 'tenant', tenant, key, tenantNow, ownerId: tenant.id };
}
