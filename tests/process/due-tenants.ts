import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { onTestFinished } from 'vitest';
import { createSecretBox } from '../../src/infra/secrets.ts';
import type { Databases } from './database.ts';

const tables = [
  'tenants',
  'invitations',
  'tenant_addresses',
  'deadlines',
  'offboardings',
  'audit_events',
  'customer_notes',
];

/** One connection as the owner of the tables, whose policies do not bind it here; closed after the test. */
export async function asOwner({ ownerUrl }: Databases): Promise<Client> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  onTestFinished(() => client.end());
  for (const table of tables) await client.query(`alter table ${table} no force row level security`);
  return client;
}

/** One number that a statement counts. */
export async function count(client: Client, statement: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(statement);
  return rows[0]?.count ?? 0;
}

/** Makes tenants, each with its key in the storage and one open invitation whose time is over. */
export async function makeDueTenants(
  owner: Client,
  { count, dataDir, secretKey }: { count: number; dataDir: string; secretKey: Buffer },
): Promise<void> {
  const { rows } = await owner.query<{ id: string }>(
    `with made as (
         insert into tenants (id, name, slug, plan, status, settings)
         select gen_random_uuid(), 'T' || n, 't-' || n, 'free', 'active',
           '{"timeZone":"UTC","locale":"en","contacts":{"technical":null,"billing":null,"security":null},"retentionDays":null,"redirectOrigins":[]}'
         from generate_series(1, $1::int) n returning id
       ), invited as (
         insert into invitations (tenant_id, id, email, email_key, role, created_at, expires_at)
         select id, gen_random_uuid(), 'late@x.example', 'late@x.example', 'member', now(), now() from made
         returning tenant_id, id
       )
       insert into deadlines (tenant_id, kind, subject, due_at, fires_at)
       select tenant_id, 'invitation_expiry', id::text, now(), now() from invited returning tenant_id as id`,
    [count],
  );
  const master = createSecretBox(secretKey);
  const keys = join(dataDir, 'storage', 'keys');
  await mkdir(keys, { recursive: true });
  await Promise.all(
    rows.map(({ id }) => writeFile(join(keys, id), master.seal(randomBytes(32), `tenant-key:${id}`))),
  );
}
