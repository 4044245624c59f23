import { Client, type QueryResultRow } from 'pg';
import { afterAll, expect } from 'vitest';

export type Query = <Row extends QueryResultRow = QueryResultRow>(
  text: string,
  values?: unknown[],
) => Promise<Row[]>;

/** A plain connection to a database, outside any scope; closed after the file's tests. */
export async function connect(url: string): Promise<Query> {
  const client = new Client({ connectionString: url });
  // A test may drop the database under a connection that has done its work.
  client.on('error', () => undefined);
  await client.connect();
  afterAll(() => client.end());
  return async (text, values = []) => (await client.query(text, values)).rows;
}

/** Runs statements in one transaction in a run-time role, for one tenant, and rolls it back. */
export async function inRole<T>(
  query: Query,
  { role, tenantId }: { role: string; tenantId: string },
  work: (query: Query) => Promise<T>,
): Promise<T> {
  await query('begin');
  try {
    await query(`select set_config('role', $1, true), set_config('app.tenant_id', $2, true)`, [
      role,
      tenantId,
    ]);
    return await work(query);
  } finally {
    await query('rollback');
  }
}

/** What an error of PostgreSQL looks like to a test, by its code (Appendix A of its manual). */
export const sqlError = (code: string) => expect.objectContaining({ code });
