import { readPage, type Source } from '../src/actions/people/directory-pages.ts';
import type { Question } from '../src/db/directory/page-sql.ts';
import { digestQuery, readCursor, type Walk, writeCursor } from './cursor.ts';
import type { Answer, ScimRequest } from './endpoint.ts';
import { parseFilter } from './filter/filter.ts';
import { type Paging, readPaging, toListResponse } from './list.ts';
import type { Resource } from './resource/user-resource.ts';
import { groupType, userType } from './schema/resource-types.ts';
import type { ResourceType } from './schema/schema.ts';
import { readSort } from './sort.ts';

/** What can be listed: how its resources are found, counted and shown. */
export type Listed<Item> = Source<Item> & {
  readonly type: ResourceType;
  show(request: ScimRequest, items: readonly Item[]): Promise<readonly Resource[]>;
};

/**
 * One page of what a query asks for (RFC 7644 §3.4.2), always 200: by `startIndex` in the order of creation or of
 * `sortBy`, or by `cursor` (RFC 9865).
 */
export async function listResources<Item>(request: ScimRequest, listed: Listed<Item>): Promise<Answer> {
  const { query, baseUrl, scope } = request;
  const normalized = new Set<string>();
  const filter = query.get('filter');
  const question: Question = {
    filter: filter === null ? null : parseFilter(listed.type, filter, normalized),
    sort: readSort(listed.type, query, normalized),
    locations: { users: `${baseUrl}${userType.endpoint}/`, groups: `${baseUrl}${groupType.endpoint}/` },
  };
  const digest = digestQuery(listed.type.name, query);
  const walk = readCursor(scope, query, digest);
  const list = { request, listed, question, digest };
  const body = walk ? await pageOfWalk(list, walk) : await pageByIndex(list, readPaging(query));
  return { status: 200, body, normalized };
}

type List<Item> = { request: ScimRequest; listed: Listed<Item>; question: Question; digest: string };

async function pageOfWalk<Item>(list: List<Item>, { after, total, count }: Walk) {
  const { request, listed, question, digest } = list;
  const { scope } = request;
  const totalResults = total ?? (await listed.count(scope, question, null));
  if (count === 0) return toListResponse([], { totalResults });
  const { resources, more, last } = await listed.find(scope, question, { after, offset: 0, limit: count });
  const shown = await listed.show(request, resources);
  if (!more || !last) return toListResponse(shown, { totalResults });
  const nextCursor = writeCursor(scope, { after: last, total: totalResults, count }, digest);
  return toListResponse(shown, { totalResults, nextCursor });
}

async function pageByIndex<Item>({ request, listed, question, digest }: List<Item>, paging: Paging) {
  const { resources, total } = await readPage(request.scope, { source: listed, question, digest }, paging);
  const { startIndex } = paging;
  return toListResponse(await listed.show(request, resources), { totalResults: total, startIndex });
}
