import { createTRPCUntypedClient, httpLink } from '@trpc/client';
import { readErrorShape, readRefusal, trpcUrl } from './client.ts';
import { type Command, CommandFailed, oneLine, readWords, type Surroundings, UsageError } from './command.ts';
import type { contract } from './contract.ts';

type Place = { url: string; token: string };

/** Calls one procedure and answers what it answers, as JSON. */
export const call: Command = {
  help: `tenantry call PROCEDURE [JSON]

  Calls any procedure, such as tenants.list, with JSON as its input (- reads it from standard input),
  and prints the answer as JSON.

  --url URL      where the service is (or TENANTRY_URL; http://localhost:3000 when left out)
  --token TOKEN  a bearer token (or TENANTRY_TOKEN)`,
  async run(words, surroundings) {
    const { values, positionals } = readWords(words, placeOptions);
    const [procedure, json, ...rest] = positionals;
    if (procedure === undefined) throw new UsageError('name a procedure, such as tenants.list');
    if (!/^\w+(\.\w+)+$/.test(procedure)) throw new UsageError(`${procedure} is not the name of a procedure`);
    if (rest.length > 0) throw new UsageError('give the input as one word of JSON, in quotes');
    const place = findPlace(values, surroundings);
    const answer = await callProcedure(place, procedure, await readJson(json, surroundings));
    return JSON.stringify(answer ?? null, null, 2);
  },
};

/** The options that say where the service is, and who asks. */
export const placeOptions = { url: { type: 'string' }, token: { type: 'string' } } as const;

/** Where the service is and who asks, by options or else by variables. */
export function findPlace(options: { url?: string; token?: string }, { env }: Surroundings): Place {
  const url = options.url ?? (env['TENANTRY_URL'] || 'http://localhost:3000');
  const token = options.token ?? env['TENANTRY_TOKEN'];
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new UsageError('--url must be an http or https URL');
  if (!token) throw new UsageError('give a token with --token or TENANTRY_TOKEN');
  return { url, token };
}

async function readJson(json: string | undefined, { readInput }: Surroundings): Promise<unknown> {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json === '-' ? await readInput() : json);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new UsageError(`the input is not JSON: ${oneLine(error.message)}`);
    throw error;
  }
}

/**
 * Called as a mutation first: the service refuses a query by POST before anything runs, while an input of any size
 * fits, and a mutation is sent exactly once.
 */
async function callProcedure({ url, token }: Place, procedure: string, input: unknown): Promise<unknown> {
  const client = createTRPCUntypedClient<typeof contract>({
    links: [httpLink({ url: trpcUrl(url), headers: { authorization: `Bearer ${token}` } })],
  });
  try {
    return await client.mutation(procedure, input).catch((error: unknown) => {
      if (readErrorShape(error)?.data.code !== 'METHOD_NOT_SUPPORTED') throw error;
      return client.query(procedure, input);
    });
  } catch (error) {
    throw new CommandFailed(describeFailure(error, url));
  }
}

/** Why a call failed, in one line. */
export function describeFailure(error: unknown, url: string): string {
  const refusal = readRefusal(error);
  if (refusal) return oneLine(`${refusal.reason}: ${refusal.message} ${describeFacts(refusal.facts)}`);
  const shape = readErrorShape(error);
  if (shape) return oneLine(`${shape.data.code}: ${shape.message} (request ${shape.data.requestId})`);
  return oneLine(`cannot call ${url}: ${deepestMessage(error)}`);
}

function describeFacts(facts: Readonly<Record<string, unknown>>): string {
  return Object.keys(facts).length === 0 ? '' : JSON.stringify(facts);
}

/** Why a request got no answer: `fetch` says it in the cause of its error's cause. */
export function deepestMessage(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return deepestMessage(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? deepestMessage(error.cause) : error.message;
}
