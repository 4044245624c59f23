import type { Pool } from 'pg';

/** At the beginning of a statement: nobody waits for its answer, so it travels with the next one. */
export const joinsNext = '/* joins the next */';

const beginnings = ['begin', 'start transaction', 'select set_config(', joinsNext];
const nothing = { command: '', rowCount: 0, rows: [] };

/**
 * Lets statements for whose answers nobody waits travel with the next one of their connection, in one message and one
 * round trip: the beginning of a transaction, its binding to a role and a tenant, and what is marked by `joinsNext`.
 * They run in their order and transaction; when one fails, the statement that it travels with fails, and says why. At
 * the end of a transaction they go with the commit, or are dropped by the rollback.
 */
export function joinStatements(pool: Pool): void {
  pool.on('connect', (client) => {
    const send = client.query.bind(client);
    let waiting: string[] = [];

    async function run(text: string): Promise<unknown> {
      if (beginnings.some((beginning) => text.startsWith(beginning))) {
        waiting.push(text);
        return nothing;
      }
      const ahead = waiting;
      waiting = [];
      if (isOver(text, ahead)) return nothing;
      const sent = text.startsWith('rollback') ? [text] : [...ahead, text];
      const answer: unknown = await send(sent.join(';\n'));
      return Array.isArray(answer) ? answer.at(-1) : answer;
    }

    Object.defineProperty(client, 'query', {
      value: (query: unknown, values?: unknown, callback?: unknown) => {
        if (typeof query === 'string' && isEmpty(values) && callback === undefined) return run(query);
        // A cursor, or a statement with parameters, takes a message of its own; when what goes ahead of it fails, so
        // does it, in the transaction that has failed.
        const ahead = waiting.splice(0);
        if (ahead.length > 0) send(ahead.join(';\n')).catch(() => undefined);
        const answer: unknown = Reflect.apply(send, client, [query, values, callback]);
        return answer;
      },
    });
  });
}

/** Whether a transaction ends of which the server has not heard. */
function isOver(text: string, ahead: readonly string[]): boolean {
  const begins = ahead.some((statement) => /^(?:begin|start transaction)/.test(statement));
  const writes = ahead.some((statement) => statement.startsWith(joinsNext));
  return begins && (text === 'rollback' || (text === 'commit' && !writes));
}

function isEmpty(values: unknown): boolean {
  return values === undefined || (Array.isArray(values) && values.length === 0);
}
