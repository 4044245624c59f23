import { newId } from '../../src/db/ids.ts';
import { scimRequest } from './scim-requests.ts';
import { enough, times, type Work } from './work.ts';

type Creating = { id: string; slug: string; scimToken: string; prefix?: string };

/** A directory creates users, each with one e-mail, as Okta writes them; their names are others for another prefix. */
export function scimCreate({ prefix = 'once', ...tenant }: Creating): Work {
  return {
    name: 'SCIM create',
    status: 201,
    once: true,
    requests: (cell) =>
      times(enough(cell, 4000), (index) =>
        scimRequest(
          tenant,
          'POST',
          '/Users',
          describeUser(`new-${prefix}-${cell.concurrency}-${index}@bench.example`),
        ),
      ),
    statements: [insertUser, insertEvent],
    runs: (cell) =>
      times(enough(cell, 8000), (index) => {
        const name = `bare-${prefix}-${cell.concurrency}-${index}@bench.example`;
        const userId = newId();
        const now = new Date();
        return [
          [tenant.id, userId, name, now],
          [tenant.id, newId(), now, userId],
        ];
      }),
  };
}

function describeUser(userName: string) {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName,
    externalId: `ext-${userName}`,
    name: { givenName: 'Bench', familyName: 'Mark' },
    displayName: 'Bench Mark',
    emails: [{ primary: true, value: userName, type: 'work', display: userName }],
    locale: 'en-US',
    active: true,
  };
}

/** The user with its e-mail, in one statement. */
const insertUser = `
  with made as (
    insert into users (tenant_id, id, origin, email, email_key, user_name, user_name_key, external_id, display_name,
      display_name_key, profile, created_at, updated_at)
    values ($1, $2, 'scim', $3, $3, $3, $3, 'ext-' || $3, 'Bench Mark', 'bench mark',
      ('{"name":{"givenName":"Bench","familyName":"Mark"},"filler":"' || repeat('x', 500) || '"}')::jsonb, $4, $4)
  )
  insert into user_emails (tenant_id, user_id, position, value, value_key, type, display, is_primary)
  values ($1, $2, 0, $3, $3, 'work', $3, true)`;

/** The audit event, and the key under which its personal values are sealed. */
const insertEvent = `
  with sealed as (
    insert into subject_keys (tenant_id, subject_id, key_sealed) values ($1, $4, repeat('k', 90))
  )
  insert into audit_events
    (tenant_id, id, at, action, actor_kind, actor_id, target_kind, target_id, request_id, details, personal)
  values ($1, $2, $3, 'user.created', 'scim', $2, 'user', ($4::uuid)::text, ($2::uuid)::text, '{"role":"member","origin":"scim","active":true}',
    ('{"origin":"' || repeat('x', 120) || '","user":"' || repeat('x', 120) || '"}')::jsonb)`;
