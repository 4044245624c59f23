import { newId } from '../../src/db/ids.ts';
import type { SeededUser, Tenant } from '../tenant.ts';
import { auditStatement } from './audit.ts';
import { scimRequest } from './scim-requests.ts';
import type { Cell, Work } from './work.ts';

/** So many users are deactivated before the first of them is reactivated; more than are ever on their way at once. */
const block = 64;
const cells = 3;

/** A directory takes access away and gives it back: `active` by PATCH, false and true in turn. */
export function scimPatch(tenant: Tenant): Work {
  return {
    name: 'SCIM PATCH active',
    status: 200,
    once: false,
    requests: (cell) =>
      changesOf(tenant, cell).map(({ user, active }) =>
        scimRequest(tenant, 'PATCH', `/Users/${user.id}`, {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
          Operations: [{ op: 'replace', path: 'active', value: active }],
        }),
      ),
    statements: [
      `with changed as (
         update users set active = $3, version = version + 1, updated_at = $4
         where tenant_id = $1 and id = $2 returning *
       ), ended as (
         update sessions set ended_at = $4, end_reason = 'user_deactivated'
         where tenant_id = $1 and user_id = $2 and ended_at is null and not $3
       )
       select changed.*, (select jsonb_agg(e) from user_emails e where e.tenant_id = $1 and e.user_id = $2) as emails
       from changed`,
      auditStatement,
    ],
    runs: (cell) =>
      changesOf(tenant, cell).map(({ user, active }) => {
        const now = new Date();
        const action = active ? 'user.reactivated' : 'user.deactivated';
        return [
          [tenant.id, user.id, active, now],
          [tenant.id, newId(), now, action, user.id],
        ];
      }),
  };
}

/** Each cell has users of its own, since the one before ended anywhere. */
function changesOf({ users, signers }: Tenant, { index }: Cell): { user: SeededUser; active: boolean }[] {
  const changed = users.slice(0, -signers.length);
  const size = Math.floor(changed.length / cells / block) * block;
  const own = changed.slice(index * size, (index + 1) * size);
  const blocks = Array.from({ length: size / block }, (_, number) =>
    own.slice(number * block, (number + 1) * block),
  );
  return blocks.flatMap((some) => [false, true].flatMap((active) => some.map((user) => ({ user, active }))));
}
