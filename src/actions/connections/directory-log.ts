import { z } from 'zod';
import { minutesAfter } from '../../domain/lifecycle/deadlines.ts';
import { pageInput } from '../../domain/pages.ts';
import { authorize } from '../../domain/permissions.ts';
import { ScimRequest } from '../../db/entities/scim-request.ts';
import { firstIdAt } from '../../db/ids.ts';
import { pageOf } from '../../db/pages.ts';
import type { TenantScope } from '../../db/scope.ts';
import { openSent } from './provisioning-log.ts';

/** How long after it came a request is answered at the latest: by then its row has been made. */
const longestMinutes = 15;

export const listRequestsInput = pageInput.extend({
  status: z.enum(['refused', 'ok']).optional(),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  tokenId: z.uuid().optional(),
  resourceId: z.string().min(1).max(255).optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
});
type Input = z.infer<typeof listRequestsInput>;

/** Every request of the tenant's directory in the last 30 days, newest first, with what became of it. */
export function listRequests(scope: TenantScope, input: Input) {
  authorize(scope.actor, scope.tenant, 'connection.read');
  const where = { tenantId: scope.tenant.id, $and: conditionsOf(input) };
  return pageOf({
    page: input,
    find: (newestFirst, after) => scope.em.find(ScimRequest, { ...where, ...after }, newestFirst),
    describe: (request) => describeRequest(scope, request),
  });
}

/** Times are looked for by the ids too, which sort by them: the index finds them, and nothing else. */
function conditionsOf({ status, method, tokenId, resourceId, since, until }: Input) {
  const [from, to] = [since, until].map((moment) => (moment === undefined ? null : new Date(moment)));
  return [
    ...(status === undefined ? [] : [{ status: status === 'refused' ? { $gte: 400 } : { $lt: 400 } }]),
    ...(method === undefined ? [] : [{ method }]),
    ...(tokenId === undefined ? [] : [{ tokenId }]),
    ...(resourceId === undefined ? [] : isAbout(resourceId)),
    ...(from ? [{ at: { $gte: from } }, { id: { $gte: firstIdAt(minutesAfter(from, -1)) } }] : []),
    ...(to ? [{ at: { $lt: to } }, { id: { $lt: firstIdAt(minutesAfter(to, longestMinutes)) } }] : []),
  ];
}

/** A bulk request is about each resource that it changed. */
function isAbout(resourceId: string) {
  return [
    { resourceId: { $in: [resourceId, 'Bulk'] } },
    { $or: [{ resourceId }, { changes: { $contains: [{ id: resourceId }] } }] },
  ];
}

function describeRequest(scope: TenantScope, request: ScimRequest) {
  const { query, body } = openSent(scope, request);
  return {
    id: request.id,
    at: request.at.toISOString(),
    times: request.times,
    tokenId: request.tokenId,
    client: request.client,
    requestId: request.requestId,
    method: request.method,
    path: request.path,
    query,
    status: request.status,
    durationMs: request.durationMs,
    resourceId: request.resourceId,
    normalized: request.normalized,
    changes: request.changes,
    scimType: request.scimType,
    refusal: request.refusal,
    body,
  };
}
