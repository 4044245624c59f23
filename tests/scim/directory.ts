import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { createScimApp, type ScimEnv, type ScimParts } from '../../scim/app.ts';
import { AuditEvent } from '../../src/db/entities/audit.ts';
import type { Plan } from '../../src/domain/plans/catalogue.ts';
import { createLog } from '../../src/infra/log.ts';
import {
  createEntraClient,
  createOktaClient,
  createScimClient,
  type DirectoryPerson,
  type Fetch,
} from '../support/scim-client.ts';
import { aScimToken, aTenant, type World } from '../support/world.ts';

export const publicUrl = 'https://tenantry.example';

/** The SCIM app on the world's database, below a roof that does what the real one does, with its log kept. */
export function mountScim(
  { db }: Pick<World, 'db'>,
  noteRequest = noNotes,
): { fetch: Fetch; logged: Record<string, unknown>[] } {
  const logged: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void logged.push(JSON.parse(line)) };
  const log = createLog({ level: 'debug', format: 'json', destination });
  const roof = new Hono<ScimEnv>();
  roof.use(async (c, next) => {
    const origin = {
      requestId: randomUUID(),
      ip: '192.0.2.7',
      userAgent: c.req.header('user-agent') ?? null,
    };
    c.set('entry', { now: new Date(), origin });
    await next();
    c.header('x-request-id', origin.requestId);
  });
  roof.route(
    '/scim/v2/:tenantSlug',
    createScimApp({
      db,
      countCall: () => Promise.resolve(),
      people: { db, findSession: () => Promise.resolve(null) },
      noteRequest,
      publicUrl,
      log,
    }),
  );
  return { fetch: (url, init) => roof.request(url, init), logged };
}

const noNotes: ScimParts['noteRequest'] = () => undefined;

/** A tenant with a token for its directory, and clients that speak to it. */
export async function aDirectory(world: World, { plan = 'enterprise' }: { plan?: Plan } = {}) {
  const tenant = await aTenant(world, { plan });
  const { token, id: tokenId } = await aScimToken(world, tenant);
  const { fetch, logged } = mountScim(world);
  const baseUrl = `${publicUrl}/scim/v2/${tenant.slug}`;
  const options = { baseUrl, token, fetch };
  return {
    tenant,
    tokenId,
    logged,
    ...options,
    ...createScimClient(options),
    entra: createEntraClient(options),
    okta: createOktaClient(options),
    /** The audit trail of one user, oldest first. */
    audit: (userId: string) =>
      world.inTenant(tenant.id, async ({ em }) => {
        const where = { tenantId: tenant.id, targetId: userId };
        const events = await em.find(AuditEvent, where, { orderBy: { at: 'asc', id: 'asc' } });
        return events.map(({ action, actorKind, actorId }) => ({ action, actorKind, actorId }));
      }),
  };
}
export type Directory = Awaited<ReturnType<typeof aDirectory>>;

/** Somebody whom no directory has sent yet. */
export function aPerson(known: Partial<DirectoryPerson> = {}): DirectoryPerson {
  const name = `bob-${randomUUID().slice(0, 8)}`;
  const email = `${name}@x.example`;
  return {
    userName: email,
    externalId: randomUUID(),
    givenName: 'Bob',
    familyName: 'Builder',
    email,
    ...known,
  };
}

/** A user of the directory, by its id. */
export async function aProvisionedUser(
  directory: Pick<Directory, 'entra'>,
  known: Partial<DirectoryPerson> = {},
): Promise<string> {
  const { status, body, text } = await directory.entra.createUser(aPerson(known));
  if (status !== 201 || !body.id) throw new Error(`the user was not created: ${text}`);
  return body.id;
}
