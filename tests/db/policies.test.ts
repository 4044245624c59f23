import { afterAll, describe, expect, test } from 'vitest';
import { catalogue, tableClasses } from '../../src/db/catalogue.ts';
import { controlRole, purgeRole, tenantRole } from '../../src/db/policies.ts';
import { connect } from '../support/connection.ts';
import { cloneDatabase } from '../support/database.ts';

const database = await cloneDatabase();
afterAll(() => database.drop());
const query = await connect(database.ownerUrl);

/** Unique keys and indexes of tenants' rows that do not lead with the tenant, and why. */
const acrossTenants: Readonly<Record<string, string>> = {
  sso_connections_id_unique: 'a SAML address names the connection before its tenant is known',
  memberships_person_index: 'a person signs in before the tenant is chosen',
  memberships_password_index: 'an address signs in before the tenant is chosen',
  deadlines_fires_index: 'the sweep finds what is due over all tenants',
  tasks_queue_index: 'operators work one queue over all tenants',
  approvals_expiry_index: 'approvals expire over all tenants',
  approvals_unreviewed_unique:
    'who broke the glass once is looked at before the next time, in whatever tenant',
  tenant_addresses_email_index: 'an operator finds a tenant by a person’s address',
  tenant_addresses_domain_index: 'an operator finds a tenant by a domain',
  billing_accounts_customer_unique: 'an event of the provider names the customer, not the tenant',
  billing_accounts_subscription_unique: 'an event of the provider names the subscription, not the tenant',
  plan_requests_state_index: 'operators decide requests over all tenants',
  webhook_deliveries_due_index: 'the worker finds what is to be delivered over all tenants',
  webhook_deliveries_log_index: 'the operator reads one log of its endpoints over all tenants',
};

const tables = await query<{
  name: string;
  tenant_column: boolean;
  secured: boolean;
  forced: boolean;
}>(`
  select c.relname as name, c.relrowsecurity as secured, c.relforcerowsecurity as forced,
    exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') as tenant_column
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f') order by 1`);
const ofTenants = tables.filter(({ tenant_column }) => tenant_column);

describe('the catalogue', () => {
  test('has a class for every table of the database, and no class for another', () => {
    const found = tables.map(({ name }) => name).filter((name) => name !== 'mikro_orm_migrations');

    expect(found.length).toBeGreaterThan(25);
    expect(found.toSorted()).toEqual([...tableClasses.keys()].toSorted());
  });

  test('has each entity once', () => {
    expect(new Set(catalogue.map(({ entity }) => entity.meta.tableName)).size).toBe(catalogue.length);
  });

  test('calls every table with a tenant_id a tenant’s, and no table without one', () => {
    const classes = ['tenant_owned', 'routing', 'append_only', 'tenant_or_none'];
    const owned = [...tableClasses].filter(([, each]) => classes.includes(each)).map(([table]) => table);

    expect(owned.toSorted()).toEqual(ofTenants.map(({ name }) => name).toSorted());
  });
});

describe('row-level security', () => {
  const policies = query<{
    table: string;
    name: string;
    permissive: string;
    roles: string[];
    cmd: string;
    qual: string;
    with_check: string;
  }>(`select tablename as table, policyname as name, permissive, roles::text[], cmd, qual, with_check from pg_policies
      where schemaname = 'public'`);
  const guarded = [...ofTenants, ...tables.filter(({ name }) => name === 'tenants')];

  test.each(guarded)(
    'is forced on $name, with a guard no other policy can loosen',
    async ({ name, ...table }) => {
      const column = name === 'tenants' ? 'id' : 'tenant_id';
      const own = (await policies).filter((policy) => policy.table === name);
      const guards = own.filter(({ permissive }) => permissive === 'RESTRICTIVE');
      const isOwn = `(${column} = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))`;

      expect(table).toMatchObject({ secured: true, forced: true });
      expect(guards).toEqual([
        expect.objectContaining({
          cmd: 'ALL',
          roles: expect.toSatisfy(binds),
          qual: isOwn,
          with_check: isOwn,
        }),
      ]);
      expect(own.flatMap(({ roles }) => roles)).not.toContain('public');
    },
  );

  test('lets the control plane’s role see no more rows than the catalogue says', async () => {
    const open = (await policies).filter(({ roles }) => roles.includes(controlRole));
    const all = open.filter(({ qual }) => qual === 'true').map(({ table }) => table);
    const tenantless = open.filter(({ qual }) => qual !== 'true');

    expect(all.toSorted()).toEqual(tablesOf('tenant', 'routing'));
    expect(tenantless.map(({ table }) => table).toSorted()).toEqual(
      tablesOf('append_only', 'tenant_or_none'),
    );
    for (const { qual, with_check } of tenantless) {
      expect([qual, with_check]).toEqual([
        `(tenant_id = '00000000-0000-0000-0000-000000000000'::uuid)`,
        `(tenant_id = '00000000-0000-0000-0000-000000000000'::uuid)`,
      ]);
    }
  });
});

describe('keys', () => {
  const indexes = query<{ table: string; name: string; primary: boolean; unique: boolean; first: string }>(`
    select t.relname as table, i.relname as name, x.indisprimary as primary, x.indisunique as unique,
      (select attname from pg_attribute where attrelid = t.oid and attnum = x.indkey[0]) as first
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
    join pg_namespace n on n.oid = t.relnamespace where n.nspname = 'public'`);

  test.each(ofTenants)('and indexes of $name lead with its tenant', async ({ name }) => {
    const own = (await indexes).filter(({ table }) => table === name);
    const others = own.filter(
      ({ first, name }) => first !== 'tenant_id' && !Object.hasOwn(acrossTenants, name),
    );

    expect(own.filter(({ primary }) => primary)).toEqual([expect.objectContaining({ first: 'tenant_id' })]);
    expect(others).toEqual([]);
  });

  test('across tenants exist only on tables that route, and all of them do', async () => {
    const across = (await indexes).filter(({ name }) => Object.hasOwn(acrossTenants, name));

    expect(across.map(({ name }) => name).toSorted()).toEqual(Object.keys(acrossTenants).toSorted());
    expect(across.filter(({ table }) => tableClasses.get(table) !== 'routing')).toEqual([]);
    expect(across.filter(({ first }) => first === 'tenant_id')).toEqual([]);
  });

  test('foreign keys between tenants’ tables carry the tenant on both sides', async () => {
    const foreign = await query<{
      name: string;
      from: string;
      to: string;
      columns: string[];
      references: string[];
    }>(`
      select k.conname as name, k.conrelid::regclass::text as from, k.confrelid::regclass::text as to,
        (select array_agg(attname::text order by o) from unnest(k.conkey) with ordinality u(n, o)
          join pg_attribute on attrelid = k.conrelid and attnum = n) as columns,
        (select array_agg(attname::text order by o) from unnest(k.confkey) with ordinality u(n, o)
          join pg_attribute on attrelid = k.confrelid and attnum = n) as references
      from pg_constraint k join pg_namespace n on n.oid = k.connamespace where k.contype = 'f' and n.nspname = 'public'`);
    const names = new Set(ofTenants.map(({ name }) => name));
    const between = foreign.filter(({ from, to }) => names.has(from) && names.has(to));
    const toOthers = foreign.filter(({ from, to }) => names.has(from) && !names.has(to));

    expect(between.length).toBeGreaterThan(8);
    expect(
      between.filter(
        ({ columns, references }) => columns[0] !== 'tenant_id' || references[0] !== 'tenant_id',
      ),
    ).toEqual([]);
    // What a tenant's row refers to outside its tenant is the tenant itself; anything else would be a way across.
    expect(toOthers.filter(({ to }) => to !== 'tenants')).toEqual([]);
    expect(foreign.filter(({ from, to }) => !names.has(from) && names.has(to))).toEqual([]);
  });
});

function tablesOf(...classes: string[]): string[] {
  return [...tableClasses]
    .filter(([, each]) => classes.includes(each))
    .map(([table]) => table)
    .toSorted();
}

function binds(roles: string[]): boolean {
  return roles.includes(tenantRole) && roles.includes(purgeRole);
}
