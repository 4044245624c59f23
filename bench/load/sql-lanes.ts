import { Client } from 'pg';
import type { Lanes } from './lanes.ts';
import type { SqlLoad } from './job.ts';

/** One connection for each lane; every statement is a round trip of its own. */
export async function openSqlLanes({ url, statements, runs }: SqlLoad, concurrency: number): Promise<Lanes> {
  const clients = Array.from(
    { length: concurrency },
    () => new Client({ connectionString: url, options: '-c role=tenantry_control' }),
  );
  await Promise.all(clients.map((client) => client.connect()));
  const lanes = clients.map((client) => async (index: number) => {
    const values = runs[index];
    if (!values) throw new Error(`there is no run ${index}`);
    for (const [position, text] of statements.entries())
      await client.query(text, [...(values[position] ?? [])]);
  });
  return {
    count: runs.length,
    lanes,
    close: async () => void (await Promise.all(clients.map((client) => client.end()))),
  };
}
