import { createBulk } from './bulk/bulk.ts';
import {
  describeServiceProvider,
  getResourceType,
  getSchema,
  listResourceTypes,
  listSchemas,
} from './discovery.ts';
import type { Endpoint, Route, ScimRequest } from './endpoint.ts';
import { ProtocolError } from './errors.ts';
import { createGroup, deleteGroup, getGroup, listGroups, patchGroup, replaceGroup } from './groups.ts';
import { searchEverything, searchGroups, searchUsers } from './search.ts';
import { createUser, deleteUser, getUser, listUsers, patchUser, replaceUser } from './users.ts';

/** The resources, which operations of a bulk request may be about, too. */
const resources: readonly Route[] = [
  { path: '/Users', endpoints: { GET: listUsers, POST: createUser } },
  {
    path: '/Users/:id',
    endpoints: { GET: getUser, PUT: replaceUser, PATCH: patchUser, DELETE: deleteUser },
  },
  { path: '/Groups', endpoints: { GET: listGroups, POST: createGroup } },
  {
    path: '/Groups/:id',
    endpoints: { GET: getGroup, PUT: replaceGroup, PATCH: patchGroup, DELETE: deleteGroup },
  },
];

/** Every path below a tenant's endpoint, the first that fits. A path that is not written here does not exist. */
export const routes: readonly Route[] = [
  { path: '/Users/.search', endpoints: { POST: searchUsers } },
  { path: '/Groups/.search', endpoints: { POST: searchGroups } },
  { path: '/.search', endpoints: { POST: searchEverything } },
  ...resources,
  { path: '/Bulk', endpoints: { POST: createBulk(resources) } },
  describe('/ServiceProviderConfig', ({ baseUrl }) => describeServiceProvider(baseUrl)),
  describe('/ResourceTypes', ({ baseUrl }) => listResourceTypes(baseUrl)),
  describe('/ResourceTypes/:id', ({ baseUrl, id }) => getResourceType(baseUrl, id)),
  describe('/Schemas', ({ baseUrl }) => listSchemas(baseUrl)),
  describe('/Schemas/:id', ({ baseUrl, id }) => getSchema(baseUrl, id)),
  refuseAll('/Me'),
];

/** A path of RFC 7644 §4, which can only be read. A filter there would be ignored, so it is 403, as §4 asks. */
function describe(path: string, read: (request: ScimRequest) => object): Route {
  const endpoint: Endpoint = (request) => {
    if (request.query.has('filter'))
      throw new ProtocolError(403, 'what is described here cannot be filtered');
    return { status: 200, body: read(request) };
  };
  return { path, endpoints: { GET: endpoint } };
}

/** A path that RFC 7644 defines and this service does not offer: 501 for every method (§3.11, §3.12). */
function refuseAll(path: string): Route {
  return { path, endpoints: { GET: refuse, POST: refuse, PUT: refuse, PATCH: refuse, DELETE: refuse } };
}

function refuse(): never {
  throw new ProtocolError(501, 'this endpoint is not offered; see /ServiceProviderConfig and /ResourceTypes');
}
