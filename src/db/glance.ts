import type { ControlPool } from './control-pool.ts';
import { tenantRole } from './policies.ts';

/** A statement with a name, under which each connection plans it once. */
export type Statement = { name: string; text: string; values: readonly unknown[] };

/**
 * One statement in a transaction of its own and in one round trip: for the look-ups that stand in front of every
 * request. Whatever does more opens a scope.
 */
export type Glance = {
  /** In the control plane's role. */
  atControlPlane<Row extends object>(statement: Statement): Promise<Row[]>;
  /** Bound to one tenant by its row policies. */
  atTenant<Row extends object>(tenantId: string, statement: Statement): Promise<Row[]>;
};

/** Glances over a pool whose connections are in the control plane's role and pipeline what they are sent. */
export function createGlance(pool: ControlPool): Glance {
  return {
    async atControlPlane<Row extends object>(statement: Statement) {
      const { rows } = await pool.query<Row>({ ...statement, values: [...statement.values] });
      return rows;
    },
    async atTenant<Row extends object>(tenantId: string, statement: Statement) {
      const client = await pool.connect();
      try {
        // Sent together, answered together. When one fails the transaction is over, and the commit rolls it back.
        const [begun, bound, found, ended] = await Promise.allSettled([
          client.query('begin read only'),
          client.query({ name: 'bind', text: bind, values: [tenantRole, tenantId] }),
          client.query<Row>({ ...statement, values: [...statement.values] }),
          client.query('commit'),
        ]);
        for (const step of [begun, bound, ended]) if (step.status === 'rejected') throw step.reason;
        if (found.status === 'rejected') throw found.reason;
        return found.value.rows;
      } finally {
        client.release();
      }
    },
  };
}

const bind = `select set_config('role', $1, true), set_config('app.tenant_id', $2, true)`;
