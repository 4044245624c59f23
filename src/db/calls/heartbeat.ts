import type { ControlPool } from '../control-pool.ts';

export type Heartbeat = {
  /** Notes an answer of this process. */
  observe(status: number): void;
  /** Says that this process serves, and what it has answered since it said so last. */
  beat(): Promise<void>;
};

/** The heartbeat of one process that serves: one statement each time, by the database's clock, beside any number of others. */
export function createHeartbeat(pool: ControlPool): Heartbeat {
  let answered = { requests: 0, serverErrors: 0 };
  return {
    observe(status) {
      answered.requests += 1;
      if (status >= 500) answered.serverErrors += 1;
    },
    async beat() {
      const { requests, serverErrors } = answered;
      // Lost where this fails: that minute is downtime unless another beat comes through.
      answered = { requests: 0, serverErrors: 0 };
      await pool.query(beat, [requests, serverErrors]);
    },
  };
}

const beat = `insert into service_minutes (minute, beats, requests, server_errors)
  values (date_trunc('minute', now()), 1, $1, $2)
  on conflict (minute) do update set beats = service_minutes.beats + 1,
    requests = service_minutes.requests + excluded.requests,
    server_errors = service_minutes.server_errors + excluded.server_errors`;
