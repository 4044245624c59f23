import { z } from 'zod';
import { everything } from '../src/actions/people/directory-pages.ts';
import type { Either } from '../src/db/directory/everything.ts';
import type { Answer, Endpoint, ScimRequest } from './endpoint.ts';
import { badRequest } from './errors.ts';
import { listedGroups } from './groups.ts';
import { type Listed, listResources } from './listing.ts';
import { requireStorableText } from './resource/storable-text.ts';
import type { Resource } from './resource/user-resource.ts';
import { anyType } from './schema/resource-types.ts';
import { listedUsers } from './users.ts';

/** Users and groups together (RFC 7644 §3.4.2.1). */
const listedEverything: Listed<Either> = {
  ...everything,
  type: anyType,
  async show(request, items): Promise<Resource[]> {
    const users = items.flatMap((one) => (one.kind === 'User' ? [one.record] : []));
    const groups = items.flatMap((one) => (one.kind === 'Group' ? [one.record] : []));
    const shown = [
      ...(await listedUsers.show(request, users)),
      ...(await listedGroups.show(request, groups)),
    ];
    const byId = new Map(shown.map((resource): [unknown, Resource] => [resource['id'], resource]));
    return items.map(({ record }) => byId.get(record.id)).filter((one) => one !== undefined);
  },
};

/** POST /.search (RFC 7644 §3.4.3): users and groups, as a list of both. */
export const searchEverything: Endpoint = (request) => search(request, listedEverything);

/** POST /Users/.search: what GET /Users answers, asked for in the body. */
export const searchUsers: Endpoint = (request) => search(request, listedUsers);

/** POST /Groups/.search: what GET /Groups answers, asked for in the body. */
export const searchGroups: Endpoint = (request) => search(request, listedGroups);

const text = z.string().nullable();
const number = z.union([z.number(), z.string()]).nullable();
const names = z.union([z.array(z.string()).transform((all) => all.join(',')), z.string()]).nullable();
const parameters = {
  attributes: names,
  excludedAttributes: names,
  filter: text,
  sortBy: text,
  sortOrder: text,
  startIndex: number,
  count: number,
  cursor: text,
};
const searchRequest = z.object(parameters).partial();

/** The parameters of a SearchRequest mean what the same ones of a GET mean. */
function search<Item>(request: ScimRequest, listed: Listed<Item>): Promise<Answer> {
  return listResources({ ...request, query: readSearch(request.readBody()) }, listed);
}

/** Names are compared without case, null is absent, and what is not known is ignored; 400 invalidValue for a wrong type. */
function readSearch(body: unknown): URLSearchParams {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('invalidSyntax', 'the body must be a JSON object');
  }
  requireStorableText(body);
  const said = new Map(
    Object.entries(body).map(([name, value]): [string, unknown] => [name.toLowerCase(), value]),
  );
  const asked = Object.keys(parameters).map((name) => [name, said.get(name.toLowerCase())]);
  const read = searchRequest.safeParse(Object.fromEntries(asked));
  if (!read.success) {
    throw badRequest('invalidValue', `${read.error.issues[0]?.path.join('.')} has the wrong type`);
  }
  const given = Object.entries(read.data).filter(([, value]) => value !== undefined && value !== null);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
}
