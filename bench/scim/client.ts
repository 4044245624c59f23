import type { Bed } from '../bed.ts';
import { scimRequest } from '../work/scim-requests.ts';
import type { BenchDirectory } from './directories.ts';

export type Answered = { status: number; text: string; milliseconds: number };

/** One request of a directory, with how long its answer took in full. */
export async function ask(
  { url }: Pick<Bed, 'url'>,
  directory: BenchDirectory,
  method: string,
  { path, body }: { path: string; body?: object },
): Promise<Answered> {
  const { headers, path: whole, body: text } = scimRequest(directory, method, path, body);
  const started = performance.now();
  const answer = await fetch(`${url}${whole}`, { method, headers, body: text });
  const read = await answer.text();
  return { status: answer.status, text: read, milliseconds: performance.now() - started };
}

/** Ends the run at an answer that was not expected. */
export function expectStatus({ status, text }: Answered, wanted: number, what: string): void {
  if (status !== wanted) throw new Error(`${what} was answered ${status} ${text.slice(0, 300)}`);
}
