import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { prepareEmbedded } from '../../src/db/setup/embedded.ts';
import { migrate } from '../../src/db/setup/migrate.ts';
import { startEmbeddedPostgres } from '../../src/infra/embedded-postgres.ts';
import { createLog } from '../../src/infra/log.ts';
import { untilVacuumed } from './until-vacuumed.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The database that every test file clones, as its owner and as the plain role that serves. */
    template: { ownerUrl: string; loginUrl: string };
  }
}

/**
 * Starts PostgreSQL once and migrates one template database. With `DATABASE_URL` the tests run on that server
 * instead, as that plain role; it needs CREATEDB to clone the template, and the run-time roles or CREATEROLE.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['DATABASE_URL'];
  if (given) return useServer(project, given);
  const dataDir = await mkdtemp(join(tmpdir(), 'tenantry-tests-'));
  // As root, PostgreSQL runs as another account: it must be able to pass.
  await chmod(dataDir, 0o711);
  const log = createLog({ level: 'warn', format: 'json' });
  const embedded = await startEmbeddedPostgres({ dataDir, log });
  const { ownerUrl, loginUrl } = await prepareEmbedded(embedded.adminUrl);
  const admin = new Client({ connectionString: embedded.adminUrl });
  await admin.connect();
  await admin.query('alter role tenantry_owner createdb');
  // It is thrown away afterwards: only a crash of the machine could tell the difference.
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit'])
    await admin.query(`alter system set ${setting} = off`);
  await admin.query('select pg_reload_conf()');
  await admin.end();
  await migrate(ownerUrl, loginUrl);
  project.provide('template', { ownerUrl, loginUrl });
  return async () => {
    await embedded.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}

async function useServer(project: TestProject, url: string): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const name = `tenantry_template_${process.pid}`;
  await client.query(`create database ${name}`);
  const templateUrl = Object.assign(new URL(url), { pathname: `/${name}` }).href;
  await migrate(templateUrl, templateUrl);
  project.provide('template', { ownerUrl: templateUrl, loginUrl: templateUrl });
  return async () => {
    await untilVacuumed(() => client.query(`drop database ${name} with (force)`));
    await client.end();
  };
}
