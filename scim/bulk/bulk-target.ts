import { type Endpoint, methods, type Route } from '../endpoint.ts';
import { ProtocolError } from '../errors.ts';

/** What the path of an operation leads to. */
export type Target = { endpoint: Endpoint; collection: string; id: string; query: URLSearchParams };

/** The endpoint that a method and a path of an operation name, among `routes`: 404 and 405 as for a request. */
export function findTarget(routes: readonly Route[], method: string, path: string): Target {
  const [place = '', search] = path.split('?', 2);
  const [, collection = '', id] = /^(\/\w+)(?:\/([^/]+))?\/?$/.exec(place) ?? [];
  const route = routes.find((one) => one.path === (id === undefined ? collection : `${collection}/:id`));
  if (!route) throw new ProtocolError(404, 'there is no such endpoint for an operation');
  const known = methods.find((one) => one === method && one !== 'GET');
  const endpoint = known && route.endpoints[known];
  if (typeof endpoint !== 'function') throw new ProtocolError(405, 'this path does not take this method');
  return { endpoint, collection, id: decode(id ?? ''), query: new URLSearchParams(search) };
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
