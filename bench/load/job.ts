/** One request, complete: nothing is left to compute while time is taken. */
export type HttpRequest = {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
};

/** Requests to one server; each must be answered with this status. */
export type HttpLoad = { kind: 'http'; port: number; status: number; requests: readonly HttpRequest[] };

/** Statements that are sent one after the other, each a round trip, with the values of each run. */
export type SqlLoad = {
  kind: 'sql';
  url: string;
  statements: readonly string[];
  runs: readonly (readonly (readonly unknown[])[])[];
};

/** What the load generator does: for so many seconds, so many at once. */
export type Job = {
  load: HttpLoad | SqlLoad;
  /** Whether each request or run can be sent once only; else they are sent over again. */
  once: boolean;
  concurrency: number;
  warmUpSeconds: number;
  seconds: number;
};

/** How long each took, in milliseconds, in the order of their ends; and how long all of it took. */
export type Measurement = { latencies: Float64Array; seconds: number };
