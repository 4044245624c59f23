import type { Client } from 'pg';
import { controlRole, purgeRole, tenantRole } from '../policies.ts';

const runTimeRoles = [tenantRole, controlRole, purgeRole];

/** The database cannot be used as it is; the message is one clear line. */
export class DatabaseNotUsable extends Error {
  override readonly name = 'DatabaseNotUsable';
}

/** The SQL that an administrator runs once where the service's own role may not create roles. */
export function roleStatements(login: string): string[] {
  return [
    ...runTimeRoles.map((role) => `create role ${role} nologin noinherit`),
    `grant ${runTimeRoles.join(', ')} to ${quoteIdentifier(login)}`,
  ];
}

/**
 * Makes sure that the three run-time roles exist, bind, and may be switched to by the service's login role.
 * Creates what is missing where this connection may; else throws `DatabaseNotUsable` with the SQL to run.
 */
export async function ensureRoles(client: Client, login: string): Promise<void> {
  const { rows } = await client.query<{ rolname: string; unbound: boolean }>(
    'select rolname, rolbypassrls or rolsuper as unbound from pg_roles where rolname = any($1)',
    [runTimeRoles],
  );
  const unbound = rows.find((row) => row.unbound);
  if (unbound)
    throw new DatabaseNotUsable(`the role ${unbound.rolname} can bypass row-level security; it must not`);
  const present = new Set(rows.map((row) => row.rolname));
  const missing = runTimeRoles.filter((role) => !present.has(role));
  try {
    for (const role of missing) await createRole(client, role);
    for (const role of runTimeRoles) await letSwitch(client, login, role);
  } catch (error) {
    if (!isInsufficientPrivilege(error)) throw error;
    const statements = roleStatements(login).join('; ');
    throw new DatabaseNotUsable(
      `the run-time roles are missing; let an administrator run once: ${statements}`,
    );
  }
}

async function createRole(client: Client, role: string): Promise<void> {
  // Roles belong to the whole cluster: another database's migration may create the same one at this moment.
  await client.query(
    `do $$ begin create role ${role} nologin noinherit; exception when duplicate_object or unique_violation then null; end $$`,
  );
}

async function letSwitch(client: Client, login: string, role: string): Promise<void> {
  const { rows } = await client.query<{ member: boolean }>(`select pg_has_role($1, $2, 'member') as member`, [
    login,
    role,
  ]);
  if (rows[0]?.member && (await maySetRole(client, login, role))) return;
  await client.query(`grant ${role} to ${quoteIdentifier(login)}`);
}

// From PostgreSQL 16 on, being a member and being allowed to `set role` are two things.
async function maySetRole(client: Client, login: string, role: string): Promise<boolean> {
  const { rows } = await client.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  );
  if ((rows[0]?.version ?? 0) < 160_000) return true;
  const set = await client.query<{ may: boolean }>(`select pg_has_role($1, $2, 'set') as may`, [login, role]);
  return set.rows[0]?.may === true;
}

/** Quotes a name for use in a statement. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function isInsufficientPrivilege(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '42501';
}
