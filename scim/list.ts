import { badRequest } from './errors.ts';

/** The most resources one page holds, whatever `count` asks for; `filter.maxResults` announces it. */
export const maxResults = 200;

/** How many resources a page holds where nothing is said. */
export const defaultCount = 100;

/** What part of a list is asked for (RFC 7644 §3.4.2.4). `startIndex` counts from 1. */
export type Paging = { readonly startIndex: number; readonly count: number };

/**
 * Reads index paging. A `startIndex` below 1 is 1, a negative `count` is 0 (RFC 7644 §3.4.2.4); what is no whole number
 * is 400 invalidValue. Parameters that are not known are ignored, since Entra adds flags such as `aadOptscim062020`.
 */
export function readPaging(query: URLSearchParams): Paging {
  const startIndex = readWholeNumber(query, 'startIndex') ?? 1;
  const count = readWholeNumber(query, 'count') ?? defaultCount;
  return { startIndex: Math.max(1, startIndex), count: Math.min(Math.max(0, count), maxResults) };
}

/** No directory has more resources than a 32-bit number, so a larger one means the same. */
export function readWholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^[-+]?\d+$/.test(text.trim())) throw badRequest('invalidValue', `${name} must be a whole number`);
  return Math.max(-1, Math.min(Number(text), 2 ** 31 - 1));
}

/**
 * A page of a list (RFC 7644 §3.4.2). The counts are numbers: Okta reads nothing else. A page behind a cursor has no
 * `startIndex`, and a `nextCursor` unless it is the last (RFC 9865 §2).
 */
export type ListResponse<Resource> = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'];
  totalResults: number;
  startIndex?: number;
  itemsPerPage: number;
  nextCursor?: string;
  Resources: readonly Resource[];
};

/** Wraps a page: `totalResults` is of the whole list, `itemsPerPage` what this page really holds. */
export function toListResponse<Resource>(
  resources: readonly Resource[],
  place: { totalResults: number; startIndex: number } | { totalResults: number; nextCursor?: string },
): ListResponse<Resource> {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    ...place,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}
