import { createTRPCClient, httpBatchLink, type TRPCClient, TRPCClientError } from '@trpc/client';
import type { RefusalReason } from '../domain/refusal.ts';
import type { contract, ErrorShape } from './contract.ts';

export type TenantryClient = TRPCClient<typeof contract>;

export type ClientOptions = {
  /** Where the service is: its `PUBLIC_URL`. */
  url: string;
  /** An operator's bearer token, or the access token of a tenant's session; a function where it changes. */
  token: string | (() => string | Promise<string>);
};

/**
 * A typed client of every lifecycle action.
 *
 * @example
 * const client = createTenantryClient({ url: 'http://localhost:3000', token });
 * const { items } = await client.tenants.list.query({ status: 'trial' });
 */
export function createTenantryClient({ url, token }: ClientOptions): TenantryClient {
  return createTRPCClient<typeof contract>({
    links: [
      httpBatchLink({
        url: trpcUrl(url),
        headers: async () => ({
          authorization: `Bearer ${typeof token === 'string' ? token : await token()}`,
        }),
      }),
    ],
  });
}

/** Where the router is on a service. */
export function trpcUrl(url: string): string {
  return `${url.replace(/\/+$/, '')}/trpc`;
}

export type CallRefusal = {
  reason: RefusalReason;
  message: string;
  /** What the refusal tells beside its sentence, such as `limit`, `allowed` and `used`. */
  facts: Readonly<Record<string, unknown>>;
};

/**
 * Why the service said no to a call; `null` for an error that is no refusal.
 *
 * @example
 * const refusal = readRefusal(error);
 * if (refusal?.reason === 'PLAN_LIMIT_REACHED') askToUpgrade(refusal.facts);
 */
export function readRefusal(error: unknown): CallRefusal | null {
  const shape = readErrorShape(error);
  if (shape?.data.reason === undefined) return null;
  const { code: _code, httpStatus: _status, path: _path, requestId: _id, reason, ...facts } = shape.data;
  return { reason, message: shape.message, facts };
}

/** The service's own words on a failed call; `null` when it never answered. */
export function readErrorShape(error: unknown): ErrorShape | null {
  return isCallError(error) ? (error.shape ?? null) : null;
}

function isCallError(error: unknown): error is TRPCClientError<typeof contract> {
  return error instanceof TRPCClientError;
}
