import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { ensureRoles } from './roles.ts';

const database = 'tenantry';
const owner = 'tenantry_owner';
const login = 'tenantry_app';

/**
 * Prepares the service's own PostgreSQL as its superuser: the database, the role that owns it and migrates, and the
 * plain role that the service runs as. Their passwords are new at every start and stored nowhere.
 */
export async function prepareEmbedded(adminUrl: string): Promise<{ ownerUrl: string; loginUrl: string }> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const ownerPassword = await ensureLogin(client, owner);
    const loginPassword = await ensureLogin(client, login);
    await ensureRoles(client, login);
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${database} owner ${owner}`);
    return {
      ownerUrl: urlOf(adminUrl, owner, ownerPassword),
      loginUrl: urlOf(adminUrl, login, loginPassword),
    };
  } finally {
    await client.end();
  }
}

async function ensureLogin(client: Client, role: string): Promise<string> {
  const password = randomBytes(24).toString('hex');
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  const verb = rowCount === 0 ? 'create' : 'alter';
  await client.query(`${verb} role ${role} login noinherit nosuperuser nobypassrls password '${password}'`);
  return password;
}

function urlOf(adminUrl: string, username: string, password: string): string {
  return Object.assign(new URL(adminUrl), { username, password, pathname: `/${database}` }).href;
}
