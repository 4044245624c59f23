import { createHash } from 'node:crypto';
import type { CallBudget } from '../../domain/plans/api-calls.ts';
import type { ControlPool } from '../control-pool.ts';
import type { ControlScope } from '../scope.ts';

/** How many calls are wanted of how many allowed in the window, and how few of them would do. */
export type Ask = { key: Buffer; allowed: number; wanted: number; fewest: number };

/** What was given, what is used with it, and in how many seconds what was not given would fit. */
export type Taken = { granted: number; used: number; frees: number | null; wait: number | null };

/** Under which a tenant's budget is kept: it tells nothing of the tenant. */
export function budgetKey(budget: CallBudget, tenantId: string): Buffer {
  return createHash('sha256').update(`${budget} ${tenantId}`).digest();
}

/**
 * Takes calls from a budget, in one statement and a transaction of its own: over all processes no more than `allowed`
 * are given in any 15 minutes of the database's clock. The function is made by the migration.
 */
export async function takeCalls(pool: ControlPool, { key, allowed, wanted, fewest }: Ask): Promise<Taken> {
  const { rows } = await pool.query<{ taken: Taken }>({
    name: 'take_api_calls',
    text: 'select take_api_calls($1, $2, $3, $4) as taken',
    values: [key, allowed, wanted, fewest],
  });
  if (!rows[0]) throw new Error('the budget gave no answer');
  return rows[0].taken;
}

/** How many calls a tenant's people have used in the last 15 minutes, and when the last of them is forgotten. */
export async function readApiCalls(
  { em }: ControlScope,
  tenantId: string,
): Promise<{ used: number; resetAt: Date | null }> {
  const [row] = await em.execute<{ used: number; reset_at: string | null }[]>(
    `select coalesce(sum(made.calls), 0)::int as used, max(made.moment) + interval '15 minutes' as reset_at
     from api_budgets b, unnest(b.moments, b.calls) as made (moment, calls)
     where b.key = ? and made.moment > clock_timestamp() - interval '15 minutes'`,
    [budgetKey('people', tenantId)],
  );
  return { used: row?.used ?? 0, resetAt: row?.reset_at ? new Date(row.reset_at) : null };
}

/** Deletes the budgets that nobody has used in the last 15 minutes: they are full again. */
export async function deleteFullBudgets({ em }: ControlScope): Promise<void> {
  await em.execute(
    `delete from api_budgets
     where coalesce(moments[cardinality(moments)] < clock_timestamp() - interval '15 minutes', true)`,
  );
}
