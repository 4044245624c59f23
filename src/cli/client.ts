import { createTRPCClient, httpBatchLink, type TRPCClient } from '@trpc/client';
import type { AppRouter } from '../api/trpc/router.ts';

export type TenantryClient = TRPCClient<AppRouter>;

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
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${url.replace(/\/$/, '')}/trpc`,
        headers: async () => ({ authorization: `Bearer ${typeof token === 'string' ? token : await token()}` }),
      }),
    ],
  });
}
