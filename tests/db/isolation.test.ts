import { afterAll, describe, expect, test } from 'vitest';
import { tableClasses } from '../../src/db/catalogue.ts';
import { AuditEvent } from '../../src/db/entities/audit.ts';
import { Tenant } from '../../src/db/entities/tenant.ts';
import { openOrm } from '../../src/db/orm.ts';
import { controlRole, noTenant, purgeRole, tenantRole } from '../../src/db/policies.ts';
import type { TenantScope } from '../../src/db/scope.ts';
import { connect, inRole, sqlError } from '../support/connection.ts';
import { aTenant, openWorld } from '../support/world.ts';
import {
  insertRow,
  makeRows,
  nameOf,
  parentColumns,
  type Row,
  sampleRow,
  tenantTables,
} from './sample-rows.ts';

const world = await openWorld();
const a = await aTenant(world, { plan: 'free' });
const b = await aTenant(world, { plan: 'free' });
const rowsOfA = await world.inTenant(a.id, makeRows);
const rowsOfB = await world.inTenant(b.id, makeRows);
const plain = await connect(world.database.loginUrl);
const orm = openOrm(world.database.loginUrl);
afterAll(() => orm.close());

// Where one role owns and serves, a query without a scope fails in its policies and not at its privileges.
const unscoped = expect.objectContaining({ code: expect.stringMatching(/^(42501|42704|22P02)$/) });
const denied = sqlError('42501');
const asA = <T>(work: (scope: TenantScope) => Promise<T>) => world.inTenant(a.id, work);

test('every table of the tenants’ classes is among those tried', () => {
  const classes = ['tenant_owned', 'routing', 'append_only', 'tenant_or_none'];
  const owned = [...tableClasses].filter(([, each]) => classes.includes(each));

  expect(tenantTables.map(nameOf).toSorted()).toEqual(owned.map(([table]) => table).toSorted());
  expect(tenantTables.length).toBeGreaterThan(20);
});

describe.each(tenantTables.map((table) => ({ table, name: nameOf(table) })))('$name', ({ table, name }) => {
  test('shows a tenant its own rows and no other’s', async () => {
    const seen = await asA(({ em }) =>
      em.execute<{ tenant_id: string }[]>(`select tenant_id from "${name}"`),
    );
    const asked = await asA(({ em }) =>
      em.execute<Row[]>(`select * from "${name}" where tenant_id = ?`, [b.id]),
    );
    const found = await asA(({ em }) => em.find(table.entity, { tenantId: b.id }));
    const counted = await asA(({ em }) => em.count(table.entity, { tenantId: b.id }));

    expect(new Set(seen.map((row) => row.tenant_id))).toEqual(new Set([a.id]));
    expect([asked, found, counted]).toEqual([[], [], 0]);
  });

  test('lets a tenant change and delete nothing of another’s', async () => {
    const before = await rowsIn(b.id, name);

    for (const statement of [
      `update "${name}" set tenant_id = tenant_id where tenant_id = ? returning 1`,
      `update "${name}" set tenant_id = tenant_id where tenant_id <> '${a.id}' and tenant_id = ? returning 1`,
      `delete from "${name}" where tenant_id = ? returning 1`,
    ]) {
      expect(await nothingOrDenied(asA(({ em }) => em.execute<Row[]>(statement, [b.id])))).toBe(true);
    }
    for (const run of [
      () => asA(({ em }) => em.nativeUpdate(table.entity, { tenantId: b.id }, { tenantId: b.id })),
      () => asA(({ em }) => em.nativeDelete(table.entity, { tenantId: b.id })),
    ]) {
      expect(await nothingOrDenied(run())).toBe(true);
    }

    expect(await rowsIn(b.id, name)).toEqual(before);
    expect(before.length).toBeGreaterThan(0);
  });

  test('lets a tenant write no row for another, nor hand one over', async () => {
    const before = await rowsIn(b.id, name);
    const forB = sampleRow(table, b.id, rowsOfB);

    await expect(asA((scope) => insertRow(scope, forB))).rejects.toEqual(denied);
    await expect(
      asA(({ em }) => em.execute(`update "${name}" set tenant_id = ? where tenant_id = ?`, [b.id, a.id])),
    ).rejects.toEqual(denied);

    expect(await rowsIn(b.id, name)).toEqual(before);
  });

  test('answers no query that has no scope', async () => {
    await expect(plain(`select * from "${name}"`)).rejects.toEqual(unscoped);
    await expect(orm.em.fork().find(table.entity, {})).rejects.toEqual(unscoped);
    await expect(
      inRole(plain, { role: tenantRole, tenantId: '' }, (query) => query(`select * from "${name}"`)),
    ).rejects.toEqual(sqlError('22P02'));
  });

  test('lets the purge role see and delete the rows of its tenant, change none, and touch no other’s', async () => {
    const purge = { role: purgeRole, tenantId: a.id };
    const seen = await inRole(plain, purge, (query) => query(`select tenant_id from "${name}"`));

    expect(new Set(seen.map((row) => row.tenant_id))).toEqual(new Set([a.id]));
    await expect(
      inRole(plain, purge, (query) => query(`update "${name}" set tenant_id = $1`, [a.id])),
    ).rejects.toEqual(denied);
    expect(
      await inRole(plain, purge, (query) =>
        query(`delete from "${name}" where tenant_id = $1 returning 1`, [b.id]),
      ),
    ).toEqual([]);
  });
});

describe('a row that would point into another tenant', () => {
  const pointing = tenantTables.flatMap((table) =>
    parentColumns(table).map((columns) => ({
      table,
      columns,
      name: `${nameOf(table)} (${columns.join(', ')})`,
    })),
  );

  test('has been tried for every relation', () => {
    expect(pointing.length).toBeGreaterThan(8);
  });

  test.each(pointing)('is refused: $name', async ({ table, columns }) => {
    const { row } = sampleRow(table, b.id, rowsOfB);
    const ofA = sampleRow(table, a.id, rowsOfA).row;
    for (const column of columns.filter((each) => each !== 'tenant_id')) row[column] = ofA[column];

    await expect(world.inTenant(b.id, (scope) => insertRow(scope, { table, row }))).rejects.toEqual(
      sqlError('23503'),
    );
  });
});

describe('the tenants themselves', () => {
  test('a tenant sees itself alone, changes itself alone, and makes and removes none', async () => {
    const seen = await asA(({ em }) => em.find(Tenant, {}));
    const changed = await asA(({ em }) => em.nativeUpdate(Tenant, { id: b.id }, { name: 'taken' }));

    expect(seen.map(({ id }) => id)).toEqual([a.id]);
    expect(changed).toBe(0);
    await expect(
      asA(({ em }) => em.execute(`update tenants set id = ? where id = ?`, [b.id, a.id])),
    ).rejects.toThrow();
    await expect(asA(({ em }) => em.nativeDelete(Tenant, { id: a.id }))).rejects.toEqual(denied);
    await expect(
      asA(({ em }) =>
        em.execute(`insert into tenants (id, name, slug) values (gen_random_uuid(), 'x', 'x')`),
      ),
    ).rejects.toEqual(denied);
  });

  test('the ORM finds no tenant without a scope: it fails', async () => {
    await expect(orm.em.fork().find(Tenant, {})).rejects.toEqual(unscoped);
  });
});

describe('what belongs to no tenant', () => {
  const closed = tablesOf('person', 'control_plane', 'counters');

  test('is more than nothing', () => {
    expect(closed).toEqual(expect.arrayContaining(['people', 'operators', 'signing_keys', 'rate_limits']));
  });

  test.each(closed)('%s cannot be read by a tenant or by a purge', async (name) => {
    await expect(asA(({ em }) => em.execute(`select 1 from "${name}"`))).rejects.toEqual(denied);
    await expect(
      inRole(plain, { role: purgeRole, tenantId: a.id }, (query) => query(`select 1 from "${name}"`)),
    ).rejects.toEqual(denied);
  });
});

describe('the control plane', () => {
  const asControl = { role: controlRole, tenantId: noTenant };

  test.each(tablesOf('tenant_owned'))('cannot read %s', async (name) => {
    await expect(inRole(plain, asControl, (query) => query(`select 1 from "${name}"`))).rejects.toEqual(
      denied,
    );
    await expect(
      inRole(plain, { ...asControl, tenantId: a.id }, (query) => query(`select 1 from "${name}"`)),
    ).rejects.toEqual(denied);
  });

  test.each(tablesOf('append_only', 'tenant_or_none'))('sees of %s what has no tenant', async (name) => {
    const seen = await inRole(plain, { ...asControl, tenantId: a.id }, (query) =>
      query(`select tenant_id from "${name}" where tenant_id <> $1`, [noTenant]),
    );

    expect(seen).toEqual([]);
  });
});

describe('the audit trail', () => {
  test('is changed and cut by nobody but purge and retention, not even a tenant’s own', async () => {
    const id = rowsOfA.get('audit_events')?.['id'];
    const change = `update audit_events set action = 'x' where id = '${String(id)}'`;
    const cut = `delete from audit_events where id = '${String(id)}'`;

    for (const statement of [change, cut, 'truncate audit_events']) {
      for (const role of [tenantRole, controlRole]) {
        for (const tenantId of [a.id, noTenant]) {
          await expect(inRole(plain, { role, tenantId }, (query) => query(statement))).rejects.toEqual(
            denied,
          );
        }
      }
    }
    const purged = await inRole(plain, { role: purgeRole, tenantId: a.id }, (query) =>
      query(`${cut} returning 1`),
    );

    expect(purged).toHaveLength(1);
    await expect(
      inRole(plain, { role: purgeRole, tenantId: a.id }, (query) => query(change)),
    ).rejects.toEqual(denied);
    expect(await asA(({ em }) => em.count(AuditEvent, { id: String(id) }))).toBe(1);
  });
});

async function rowsIn(tenantId: string, name: string): Promise<Row[]> {
  return world.inTenant(tenantId, ({ em }) =>
    em.execute<Row[]>(`select * from "${name}" t order by t::text`),
  );
}

/** True when nothing was touched, or the database would not hear of it. */
async function nothingOrDenied(run: Promise<number | unknown[]>): Promise<boolean> {
  try {
    const touched = await run;
    return Array.isArray(touched) ? touched.length === 0 : touched === 0;
  } catch (error) {
    expect(error).toEqual(denied);
    return true;
  }
}

function tablesOf(...classes: string[]): string[] {
  return [...tableClasses].filter(([, each]) => classes.includes(each)).map(([table]) => table);
}
