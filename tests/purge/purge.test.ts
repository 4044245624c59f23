import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { later } from '../../src/db/jobs.ts';
import { purgeOrder } from '../../src/db/purge.ts';
import { createMailer } from '../../src/infra/mailer.ts';
import { aTenant, openWorld } from '../support/world.ts';
import {
  claimPurge,
  countRows,
  dump,
  fillTables,
  misses,
  openEyes,
  purge,
  searchDatabase,
  tablesOfTenants,
} from './tenants.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const eyes = await openEyes(world.database.ownerUrl);

test('the list of tables is that of the database, whatever is pointed to after what points to it', async () => {
  const order = await world.db.inPurge(crypto.randomUUID(), new Date(), ({ em }) =>
    Promise.resolve(purgeOrder(em.getMetadata()).map(({ name }) => name)),
  );

  expect(order.toSorted()).toEqual(await tablesOfTenants(eyes));
  const pointing = await eyes<{ child: string; parent: string }>(
    `select conrelid::regclass::text as child, confrelid::regclass::text as parent from pg_constraint
     where contype = 'f' and conrelid::regclass::text = any($1)`,
    [order],
  );
  expect(pointing.length).toBeGreaterThan(30);
  expect(pointing.filter(({ child, parent }) => order.indexOf(child) >= order.indexOf(parent))).toEqual([]);
  expect(order.indexOf('tenant_addresses')).toBeLessThan(order.indexOf('users'));
});

test('what a deleted row is looked for in has an index for it, so that a purge is not quadratic', async () => {
  const keys = await eyes<{ child: string; parent: string; columns: string; indexed: boolean }>(
    `select conrelid::regclass::text as child, confrelid::regclass::text as parent, conkey::text as columns,
       exists (select from pg_index where indrelid = conrelid and indpred is null
         and (string_to_array(indkey::text, ' ')::int2[])[1:cardinality(conkey)] = conkey) as indexed
     from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`,
  );

  expect(keys.length).toBeGreaterThan(30);
  // A tenant has few connections, however many have signed in by them.
  expect(keys.filter(({ indexed, parent }) => !indexed && parent !== 'sso_connections')).toEqual([]);
});

test('one of everything is deleted and counted: no table, file, job or mail says a word of the tenant any more', async () => {
  const tenant = await aTenant(world, { plan: 'free', sandbox: true });
  const other = await aTenant(world, { plan: 'free' });
  const rows = await fillTables(world, tenant);
  await fillTables(world, other);
  await world.ports.files.put(tenant.id, 'projects/plan.pdf', Buffer.from('canary of a file'));
  await world.ports.files.put(other.id, 'projects/plan.pdf', Buffer.from('of the other'));
  const mailer = createMailer({ smtpUrl: null, dataDir: world.dataDir, from: 'test@example.com' });
  const mail = { to: tenant.ownerEmail, subject: 'x', text: 'canary of a mail', html: 'x' };
  await mailer.send({ id: 'one', about: tenant.id, ...mail });
  await mailer.send({ id: 'two', about: other.id, ...mail, to: 'other@mail.example', text: 'of the other' });
  await claimPurge(world, tenant);
  // The end has deleted the one-time tokens; one that was written at that moment is there all the same.
  // And a mark goes when less is used again.
  for (const table of ['user_tokens', 'usage_marks'])
    await eyes(`insert into ${table} select * from jsonb_populate_record(null::${table}, $1)`, [
      JSON.stringify(rows.get(table)),
    ]);
  await world.db.asControlPlane(world.entry({ kind: 'system' }), (scope) =>
    later(scope, 'mail.send', { mail: 'welcome', tenantId: tenant.id, userId: crypto.randomUUID() }),
  );
  const oracle = await countRows(eyes, tenant.id);
  const [{ jobs } = { jobs: 0 }] = await eyes<{ jobs: number }>(
    `select count(*)::int as jobs from pgboss.job where data ->> 'tenantId' = $1`,
    [tenant.id],
  );
  const before = await dump(eyes, other.id);

  expect(await purge(world, tenant)).toBe(1);

  const certificate = await world.operator.offboarding.certificate.query({ tenantId: tenant.id });
  expect(certificate).toMatchObject({ rows: oracle, files: 1, bytes: 16, jobs, mails: 1 });
  expect(Object.keys(oracle)).toEqual(await tablesOfTenants(eyes));
  expect(jobs).toBeGreaterThan(3);
  const canaries = [...rows.values()].flatMap(wordsOf).filter((word) => word !== tenant.id);
  expect(canaries.length).toBeGreaterThan(60);
  const words = [tenant.id, tenant.id.replaceAll('-', ''), tenant.slug, tenant.ownerEmail, ...canaries];
  const { found, searched } = await searchDatabase(eyes, words);
  expect(misses(searched)).toEqual([]);
  expect(found.map(({ table, row }) => [table, /purge\.certified/.test(row)])).toEqual([
    ['audit_events', true],
    ['tombstones', false],
  ]);
  expect(await searchFolder(join(world.dataDir, 'storage'), words)).toEqual([]);
  expect(await searchFolder(join(world.dataDir, 'mail'), words)).toEqual([]);
  expect(await dump(eyes, other.id)).toEqual(before);
  expect(await searchFolder(world.dataDir, ['of the other'])).toHaveLength(2);
});

function wordsOf(row: Record<string, unknown>): string[] {
  return Object.values(row).flatMap((value) =>
    typeof value === 'string' ? (/[0-9a-f-]{36}/.exec(value)?.slice(0, 1) ?? []) : [],
  );
}

/** The files under a folder that say one of these words, in their names or inside. */
async function searchFolder(folder: string, words: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const text = entry.isFile() ? await readFile(path, 'latin1') : '';
    if (words.some((word) => path.includes(word) || text.includes(word))) found.push(path);
  }
  return found;
}
