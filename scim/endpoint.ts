import type { TenantScope } from '../src/db/scope.ts';
import type { ErrorStatus, ScimError } from './errors.ts';
import type { Preconditions } from './preconditions.ts';

/** What an endpoint is given: who asks, in an open transaction, and what was sent. */
export type ScimRequest = {
  scope: TenantScope;
  /** The tenant's SCIM endpoint, without a slash at its end. */
  baseUrl: string;
  query: URLSearchParams;
  /** The last part of the path where the route has a name for it, else "". */
  id: string;
  preconditions: Preconditions;
  /** The body as JSON; 400 invalidSyntax where it is none. */
  readBody: () => unknown;
};

/** What a request changed of one resource: the names of its attributes, or how many members; never a value. */
export type ResourceChange = { kind: 'user' | 'group'; id: string; what: readonly string[] };

/** What an endpoint answers; `normalized` lists the leniencies that the request needed, never a value. */
export type Answer = {
  status: 200 | 201 | 204 | 304;
  body?: object;
  headers?: Readonly<Record<string, string>>;
  normalized?: Iterable<string>;
  changes?: readonly ResourceChange[];
};

/** One method of one path: translates in, calls one action, translates out. */
export type Endpoint = (request: ScimRequest) => Answer | Promise<Answer>;

/** A request before a transaction is open for it. */
export type ScimCall = Omit<ScimRequest, 'scope'> & {
  /** Runs work in a transaction of its own, as the directory that asks. */
  inScope<T>(work: (scope: TenantScope) => Promise<T>): Promise<T>;
  /** Counts this many further calls of the directory, all or none; `RATE_LIMITED` where they are too many. */
  countCalls(calls: number): Promise<void>;
  /** A failure as an error of RFC 7644 §3.12; what is a bug is logged. */
  explain(failure: unknown): { status: ErrorStatus; body: ScimError };
};

/** An endpoint that opens a transaction for each part of its work. */
export type Batch = { readonly batch: (call: ScimCall) => Promise<Answer> };

export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof methods)[number];

/** A path below the tenant's endpoint, and what each method does there. A method that is not written is 405. */
export type Route = {
  readonly path: string;
  readonly endpoints: Readonly<Partial<Record<Method, Endpoint | Batch>>>;
};
