import type { Tenant } from '../tenant.ts';
import { scimRequest } from './scim-requests.ts';
import type { Work } from './work.ts';

/** What every directory does before all else: it looks a user up by its userName, among all users of the tenant. */
export function scimLookup(tenant: Tenant): Work {
  // Neighbours in an index are not asked for one after the other.
  const users = tenant.users.toSorted((one, other) => one.id.slice(-8).localeCompare(other.id.slice(-8)));
  return {
    name: 'SCIM lookup by userName',
    status: 200,
    once: false,
    requests: () =>
      users.map(({ userName }) => scimRequest(tenant, 'GET', `/Users?filter=${filterOf(userName)}`)),
    statements: [
      'select * from users where tenant_id = $1 and user_name_key = $2 and removed_at is null order by created_at, id limit 100',
      'select * from user_emails where tenant_id = $1 and user_id = $2 order by position',
    ],
    runs: () =>
      users.map(({ id, userName }) => [
        [tenant.id, userName],
        [tenant.id, id],
      ]),
  };
}

function filterOf(userName: string): string {
  return encodeURIComponent(`userName eq "${userName}"`);
}
