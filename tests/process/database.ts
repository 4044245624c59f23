import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject, onTestFinished } from 'vitest';
import { cloneDatabase } from '../support/database.ts';
import { untilVacuumed } from '../support/until-vacuumed.ts';
import type { Settings } from './process.ts';

export type Databases = { ownerUrl: string; loginUrl: string };

/** A migrated database of the test's own. */
export async function aDatabase(): Promise<Databases> {
  const database = await cloneDatabase();
  onTestFinished(() => database.drop());
  return database;
}

/** A database of the test's own that nothing has been done to. */
export async function anEmptyDatabase(): Promise<Databases> {
  const { ownerUrl, loginUrl } = inject('template');
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  const maintenance = urlAt(ownerUrl, { pathname: '/postgres' });
  await run(maintenance, `create database ${name}`);
  onTestFinished(() => untilVacuumed(() => run(maintenance, `drop database if exists ${name} with (force)`)));
  return {
    ownerUrl: urlAt(ownerUrl, { pathname: `/${name}` }),
    loginUrl: urlAt(loginUrl, { pathname: `/${name}` }),
  };
}

/** The settings of a process on this database: migrated by its owner, served by the plain role. */
export function on({ ownerUrl, loginUrl }: Databases): Settings {
  return { DATABASE_URL: loginUrl, MIGRATION_DATABASE_URL: ownerUrl };
}

/** The same URL with other parts. */
export function urlAt(url: string, parts: Partial<Pick<URL, 'pathname' | 'port' | 'password'>>): string {
  return Object.assign(new URL(url), parts).href;
}

/** Runs one statement on a connection of its own. */
export async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
