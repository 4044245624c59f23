import type { HttpRequest } from '../load/job.ts';

/** A request of the tenant's directory. */
export function scimRequest(
  { slug, scimToken }: { slug: string; scimToken: string },
  method: string,
  path: string,
  body?: object,
): HttpRequest {
  return {
    method,
    path: `/scim/v2/${slug}${path}`,
    headers: {
      authorization: `Bearer ${scimToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  };
}
