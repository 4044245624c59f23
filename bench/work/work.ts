import type { HttpRequest } from '../load/job.ts';

/** One place of the table: how many at once, and for how many seconds in all. */
export type Cell = { index: number; concurrency: number; seconds: number };

/** One kind of work, over HTTP and as the bare statements that it must at least cost. */
export type Work = {
  name: string;
  /** How a good answer says so. */
  status: number;
  /** Whether each request and run is good for one time only. */
  once: boolean;
  /** Requests for one cell, ready to be sent. */
  requests(cell: Cell): Promise<HttpRequest[]> | HttpRequest[];
  /** What is looked up in the control plane's role, before the transaction is bound. */
  lookUp?: { statement: string; values: unknown[] };
  /** The statements between `begin` and `commit`, after the transaction has been bound. */
  statements: readonly string[];
  /** For each run the values of each statement. */
  runs(cell: Cell): Promise<unknown[][][]> | unknown[][][];
};

/** As many as no machine of today gets done in a cell that sends each one once. */
export function enough({ seconds }: Cell, perSecond: number): number {
  return Math.ceil(seconds * perSecond);
}

/** The whole of a list, made by number. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
