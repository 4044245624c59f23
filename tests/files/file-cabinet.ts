import { compareStorage, tidyStorage } from '../../src/worker/storage.ts';
import { createLog } from '../../src/infra/log.ts';
import type { Json } from '../support/http.ts';
import { aTenant, anOwner, eventually, type TestTenant, type World } from '../support/world.ts';

export type Sent = { status: number; headers: Headers; bytes: Buffer; body: Json };
type SendOptions = {
  token?: string;
  query?: string;
  /** Another project than the tenant's. */
  project?: string;
  headers?: Record<string, string>;
  /** Sent as a stream, so that its length is not said. */
  streamed?: boolean;
};

export type Cabinet = Awaited<ReturnType<typeof aCabinet>>;

/** A tenant with a project, its owner signed in, and what the tests do with its files. */
export async function aCabinet(
  world: World,
  { limitBytes = 1_000_000_000, sandbox = false }: { limitBytes?: number; sandbox?: boolean } = {},
) {
  const tenant = await aTenant(world, { plan: 'free', sandbox });
  const owner = await anOwner(world, tenant);
  const client = world.as(owner.accessToken);
  const { id: projectId } = await client.projects.create.mutate({ name: 'P' });
  await limitStorage(world, tenant, limitBytes);
  const urlOf = (name: string, { query = '', project = projectId }: SendOptions = {}) =>
    `${world.url}/api/projects/${project}/files/${encodeURIComponent(name)}${query}`;

  async function send(method: string, name: string, body?: Buffer | string, options: SendOptions = {}) {
    const { token = owner.accessToken, headers = {}, streamed = false } = options;
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const response = await fetch(urlOf(name, options), {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(bytes === undefined ? {} : { body: streamed ? new Blob([bytes]).stream() : bytes, duplex: 'half' }),
    });
    return answerOf(response);
  }

  return {
    tenant,
    owner,
    client,
    projectId,
    urlOf,
    send,
    put: (name: string, body: Buffer | string, options?: SendOptions) => send('PUT', name, body, options),
    get: (name: string, headers?: Record<string, string>) =>
      send('GET', name, undefined, headers ? { headers } : {}),
    remove: (name: string, headers?: Record<string, string>) =>
      send('DELETE', name, undefined, headers ? { headers } : {}),
    names: async () => (await client.projects.files.query({ projectId })).items.map(({ name }) => name),
    usage: () => usageOf(world, tenant),
    /** The sizes of what lies in the storage. */
    lying: async () => (await lyingOf(world, tenant)).map(({ bytes }) => bytes).toSorted((a, b) => a - b),
    /** Where what has so many bytes lies. */
    placesOf: async (size: number) =>
      (await lyingOf(world, tenant)).filter(({ bytes }) => bytes === size).map(({ name }) => name),
    /** Waits until the jobs have deleted what is to be deleted. */
    settled: (objects: number) =>
      eventually(
        async () => (await lyingOf(world, tenant)).length === objects,
        `${objects} objects are left`,
      ),
    limit: (bytes: number | null) => limitStorage(world, tenant, bytes),
    compare: (at = new Date()) => compare(world, tenant, at),
  };
}

async function answerOf(response: Response): Promise<Sent> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const { status, headers } = response;
  const json = headers.get('content-type')?.includes('json') === true && bytes.length > 0;
  return { status, headers, bytes, body: json ? JSON.parse(bytes.toString()) : null };
}

/** What the database has noted as used. */
function usageOf(world: World, { id }: TestTenant): Promise<{ bytes: number; files: number }> {
  return world.inTenant(id, async ({ em }) => {
    const [usage] = await em.execute<{ bytes: number; files: number }[]>(
      `select bytes::int as bytes, files::int as files from storage_usage`,
    );
    return usage ?? { bytes: 0, files: 0 };
  });
}

/** What lies in the storage of a tenant's files. */
async function lyingOf(world: World, { id }: TestTenant): Promise<{ name: string; bytes: number }[]> {
  const lying: { name: string; bytes: number }[] = [];
  for await (const { name, bytes } of world.ports.files.list(id, 'projects/')) lying.push({ name, bytes });
  return lying;
}

async function limitStorage(world: World, { id }: TestTenant, bytes: number | null): Promise<void> {
  await world.inTenant(id, ({ em }) => em.execute(`update tenants set limit_storage_bytes = ?`, [bytes]));
}

/** The nightly job for one tenant, as if it were then. */
async function compare(world: World, { id }: TestTenant, at: Date): Promise<void> {
  const entry = { ...world.entry({ kind: 'system' }), now: at, tenantId: id };
  await compareStorage({ db: world.db, log: createLog({ level: 'silent', format: 'json' }), entry });
  await tidyStorage(world.db, at);
}
