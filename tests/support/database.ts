import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { untilVacuumed } from './until-vacuumed.ts';

export type TestDatabase = { ownerUrl: string; loginUrl: string; drop(): Promise<void> };

/** A database of a test file's own, cloned from the migrated template. */
export async function cloneDatabase(): Promise<TestDatabase> {
  const template = inject('template');
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  const source = new URL(template.ownerUrl).pathname.slice(1);
  // Nobody may be connected to the template while it is cloned, so clones are made from the maintenance database.
  await asOwner(template.ownerUrl, `create database ${name} template ${source}`);
  return {
    ownerUrl: withDatabase(template.ownerUrl, name),
    loginUrl: withDatabase(template.loginUrl, name),
    drop: () => asOwner(template.ownerUrl, `drop database if exists ${name} with (force)`),
  };
}

async function asOwner(ownerUrl: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: withDatabase(ownerUrl, 'postgres') });
  await client.connect();
  try {
    await untilVacuumed(() => client.query(statement));
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}
