import { afterAll, describe, expect, test } from 'vitest';
import { controlRole, purgeRole, tenantRole } from '../../src/db/policies.ts';
import { connect } from '../support/connection.ts';
import { cloneDatabase } from '../support/database.ts';

const database = await cloneDatabase();
afterAll(() => database.drop());
const query = await connect(database.ownerUrl);
const runTimeRoles = [tenantRole, controlRole, purgeRole];

describe('the run-time roles', () => {
  test('own nothing, log in nowhere, and cannot bypass row-level security', async () => {
    const roles = await query(
      `select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin, rolinherit from pg_roles
       where rolname = any($1)`,
      [runTimeRoles],
    );
    const owned = await query(
      `select d.* from pg_shdepend d join pg_roles r on r.oid = d.refobjid where d.deptype = 'o' and r.rolname = any($1)`,
      [runTimeRoles],
    );
    const powers = { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false };

    expect(roles).toHaveLength(3);
    for (const role of roles)
      expect(role).toMatchObject({ ...powers, rolcanlogin: false, rolinherit: false });
    expect(owned).toEqual([]);
  });

  test('are members of no other role', async () => {
    const memberships = await query(
      `select m.rolname as member, g.rolname as of from pg_auth_members a join pg_roles m on m.oid = a.member
       join pg_roles g on g.oid = a.roleid where m.rolname = any($1)`,
      [runTimeRoles],
    );

    expect(memberships).toEqual([]);
  });

  test('create nothing, in no schema', async () => {
    const rights = await query<{ may: boolean }>(
      `select has_schema_privilege(r, n.nspname, 'create') as may, r, n.nspname from unnest($1::text[]) r, pg_namespace n
       where n.nspname in ('public', 'pgboss')`,
      [runTimeRoles],
    );

    expect(rights).toHaveLength(6);
    expect(rights.filter(({ may }) => may)).toEqual([]);
  });

  test('have the privileges of their table’s class, and nothing on the migrations', async () => {
    const grants = await query<{ grantee: string; table: string; privileges: string }>(
      `select grantee, table_name as table, string_agg(privilege_type, ' ' order by privilege_type) as privileges
       from information_schema.role_table_grants where table_schema = 'public' and grantee = any($1) group by 1, 2`,
      [runTimeRoles],
    );
    const rights = (role: string, name: string) =>
      grants.find(({ grantee, table }) => grantee === role && table === name)?.privileges;

    expect(runTimeRoles.map((role) => rights(role, 'projects'))).toEqual([
      'DELETE INSERT SELECT UPDATE',
      undefined,
      'DELETE SELECT',
    ]);
    expect(runTimeRoles.map((role) => rights(role, 'audit_events'))).toEqual([
      'INSERT SELECT',
      'INSERT SELECT',
      'DELETE SELECT',
    ]);
    expect(runTimeRoles.map((role) => rights(role, 'people'))).toEqual([
      undefined,
      'DELETE INSERT SELECT UPDATE',
      undefined,
    ]);
    expect(runTimeRoles.map((role) => rights(role, 'mikro_orm_migrations'))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(grants.filter(({ privileges }) => /TRUNCATE|TRIGGER|REFERENCES/.test(privileges))).toEqual([]);
  });

  test('run no function with its owner’s rights', async () => {
    const definers = await query(
      `select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname in ('public', 'pgboss') and p.prosecdef`,
    );

    expect(definers).toEqual([]);
  });
});

const isOneRole = database.ownerUrl === database.loginUrl;
if (isOneRole)
  console.warn('skipped: DATABASE_URL is one role that owns and serves, so its login role is not judged');

describe.skipIf(isOneRole)('the service’s login role', () => {
  test('is not the owner of a table, has no power of its own, and only switches', async () => {
    const { username: login } = new URL(database.loginUrl);
    const { username: owner } = new URL(database.ownerUrl);
    const owners = await query<{ owner: string }>(
      `select r.rolname as owner from pg_class c join pg_roles r on r.oid = c.relowner
       join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'pgboss')`,
    );
    const [role] = await query(
      `select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit, pg_has_role(rolname, $2, 'member') as "ofOwner"
       from pg_roles where rolname = $1`,
      [login, owner],
    );

    expect(login).not.toBe(owner);
    expect(new Set(owners.map(({ owner }) => owner))).toEqual(new Set([owner]));
    expect(role).toEqual({
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolinherit: false,
      ofOwner: false,
    });
  });
});
