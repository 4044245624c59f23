import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { LoggedChange, ScimRequest } from '../../db/entities/scim-request.ts';
import type { SecretBox } from '../../domain/ports.ts';
import { firstIdAt, newId } from '../../db/ids.ts';
import {
  findSenders,
  type Sender,
  type StoredRequest,
  storeRequests,
} from '../../db/directory/scim-requests.ts';
import type { Database, TenantScope } from '../../db/scope.ts';

/** What a directory sent that holds personal values: its query, and its body where that explains the outcome. */
const sentByDirectory = z.object({ query: z.string().nullable(), body: z.string().nullable() });
export type SentByDirectory = z.infer<typeof sentByDirectory>;

/** A request as an entry point tells of it once it is answered. */
export type AnsweredRequest = {
  at: Date;
  /** Whom it came from, as far as it was asked; else what it showed. */
  sender: Sender | { slug: string; tokenHash: string };
  client: string | null;
  requestId: string;
  method: string;
  path: string;
  status: number;
  durationMs: number;
  resourceId: string | null;
  normalized: readonly string[];
  changes: readonly LoggedChange[];
  scimType: string | null;
  refusal: string | null;
  sent: SentByDirectory;
};

/** A request that waits to be written. */
export type NotedRequest = AnsweredRequest & { id: string };

/** Gives a request its place in the log. */
export function placeInLog(request: AnsweredRequest): NotedRequest {
  return { ...request, id: newId() };
}

/**
 * Writes requests into the provisioning logs of their tenants, and answers those whose tenant is busy and that have to
 * be written later. What came without a valid token, or was one too many, becomes one row a minute, which counts.
 */
export async function writeRequests(
  { glance, ports }: LogParts,
  requests: readonly NotedRequest[],
  now: Date,
): Promise<NotedRequest[]> {
  const placed = await placeRequests(glance, requests, now);
  const keys = await openKeys(ports, placed);
  const rows = new Map<string, StoredRequest>();
  for (const one of placed) {
    const id = idOf(one);
    const same = rows.get(id);
    if (same) same.times += 1;
    else rows.set(id, toRow(id, one, keys));
  }
  const stored = await storeRequests(glance, [...rows.values()]);
  return placed.filter(({ sender }) => !stored.has(sender.tenantId)).map(({ request }) => request);
}

type LogParts = Pick<Database, 'glance' | 'ports'>;
type Placed = { request: NotedRequest; sender: Sender };

async function placeRequests(
  glance: LogParts['glance'],
  requests: readonly NotedRequest[],
  now: Date,
): Promise<Placed[]> {
  const unknown = requests.flatMap(({ sender }) => ('slug' in sender ? [sender] : []));
  const found = unknown.length > 0 ? await findSenders(glance, unknown, now) : [];
  const senders = new Map(unknown.map((shown, index) => [shown, found[index]]));
  return requests.flatMap((request) => {
    const sender = 'slug' in request.sender ? senders.get(request.sender) : request.sender;
    return sender ? [{ request, sender }] : [];
  });
}

/** The keys of those tenants of whose requests something is sealed. */
async function openKeys(ports: LogParts['ports'], placed: readonly Placed[]): Promise<Keys> {
  const tenantIds = new Set(
    placed.filter(({ request }) => saysSomething(request)).map(({ sender }) => sender.tenantId),
  );
  return new Map(
    await Promise.all([...tenantIds].map(async (id) => [id, await ports.tenantKeys.get(id)] as const)),
  );
}
type Keys = ReadonlyMap<string, SecretBox | null>;

function saysSomething({ sent }: NotedRequest): boolean {
  return sent.query !== null || sent.body !== null;
}

function toRow(id: string, { request, sender }: Placed, keys: Keys): StoredRequest {
  const { at, sent, sender: _, ...told } = request;
  const { tenantId, tokenId } = sender;
  const key = saysSomething(request) ? keys.get(tenantId) : null;
  const sentSealed = key?.seal(JSON.stringify(sent), sealContext(id)) ?? null;
  return { ...told, id, tenantId, tokenId, at: at.toISOString(), times: 1, sentSealed };
}

/** Its own; or the same for all that is counted together, of one minute, one token and one status. */
function idOf({ request: { id, at, status }, sender: { tenantId, tokenId, valid } }: Placed): string {
  if (valid && status !== 429) return id;
  const minute = firstIdAt(new Date(Math.floor(at.getTime() / 60_000) * 60_000));
  const hash = createHash('sha256').update(`${tenantId} ${tokenId} ${status}`).digest('hex');
  return `${minute.slice(0, 24)}${hash.slice(0, 12)}`;
}

/** What a directory sent with a request, as far as it is kept. */
export function openSent({ key }: TenantScope, { id, sentSealed }: ScimRequest): SentByDirectory {
  if (!sentSealed) return { query: null, body: null };
  return sentByDirectory.parse(JSON.parse(key.openText(sentSealed, sealContext(id))));
}

/** Binds what is sealed to its row. */
function sealContext(id: string): string {
  return `scim_request:${id}`;
}
