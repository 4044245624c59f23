import { createServer, type IncomingMessage } from 'node:http';
import { endpoints } from './endpoints.ts';
import { expanded } from './expand.ts';
import { type Form, readForm, textsOf } from './form.ts';
import { type State, StripeRefusal } from './state.ts';

type Reply = { status: number; body: unknown };

export type Asked = { method: string; path: string; idempotencyKey: string | undefined };

export type StripeServer = {
  url: string;
  /** What it was asked, in order. */
  asked: Asked[];
  /** Answers the next so many requests with this status, and does nothing. */
  failNext(count: number, status?: number): void;
  /** Runs before each answer. */
  before(work: (asked: Asked) => Promise<void> | void): void;
  close: () => Promise<void>;
};

/** Answers the SDK as Stripe does, on a free port: keys, idempotency, errors, expansion. */
export async function serveStripe(
  state: State,
  { secretKey, port = 0 }: { secretKey: string; port?: number },
): Promise<StripeServer> {
  const asked: Asked[] = [];
  const failing: number[] = [];
  const once = createMemory();
  let before: (asked: Asked) => Promise<void> | void = nothing;

  async function answer(request: IncomingMessage): Promise<Reply> {
    const { pathname, search } = new URL(request.url ?? '/', 'http://stripe');
    const text = request.method === 'POST' ? await bodyOf(request) : search.slice(1);
    const idempotencyKey = [request.headers['idempotency-key']].flat()[0];
    const call = { method: request.method ?? 'GET', path: pathname, idempotencyKey };
    asked.push(call);
    await before(call);
    const failure = failing.shift();
    if (failure !== undefined) return { status: failure, body: errorOf('it is out of order', 'api_error') };
    if (request.headers.authorization !== `Bearer ${secretKey}`) {
      return { status: 401, body: errorOf('Invalid API Key provided', 'invalid_request_error') };
    }
    return once(call, text, () => perform(state, call, readForm(text)));
  }

  const server = createServer((request, response) => {
    const reply = async () => {
      const { status, body } = await answer(request);
      response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_local' });
      response.end(JSON.stringify(body));
    };
    void reply();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    failNext: (count, status = 500) => void failing.push(...Array.from({ length: count }, () => status)),
    before: (work) => {
      before = work;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const nothing = () => undefined;

/** A write with a key happens once; the key with other parameters is refused. */
function createMemory() {
  const kept = new Map<string, Reply & { request: string }>();
  return ({ method, path, idempotencyKey: key }: Asked, text: string, work: () => Reply): Reply => {
    if (key === undefined || method === 'GET') return work();
    const request = `${method} ${path} ${text}`;
    const first = kept.get(key);
    if (first && first.request !== request) {
      const message =
        'Keys for idempotent requests can only be used with the same parameters they were first used with.';
      return { status: 400, body: errorOf(message, 'idempotency_error') };
    }
    const reply = first ?? work();
    kept.set(key, { ...reply, request });
    return reply;
  };
}

function perform(state: State, { method, path }: Asked, form: Form): Reply {
  try {
    const [endpoint, id] = route(method, path);
    const answer = endpoint({ state, form, id });
    return { status: 200, body: expanded(state, answer, textsOf(form, 'expand')) };
  } catch (error) {
    if (!(error instanceof StripeRefusal)) {
      return { status: 500, body: errorOf(String(error), 'api_error') };
    }
    const type = error.status === 402 ? 'card_error' : 'invalid_request_error';
    return { status: error.status, body: errorOf(error.message, type, error.code) };
  }
}

function route(method: string, path: string) {
  const exact = endpoints[`${method} ${path}`];
  if (exact) return [exact, ''] as const;
  const parts = path.split('/');
  for (const at of [parts.length - 1, parts.length - 2]) {
    const pattern = parts.with(at, ':id').join('/');
    const endpoint = endpoints[`${method} ${pattern}`];
    if (endpoint) return [endpoint, decodeURIComponent(parts[at] ?? '')] as const;
  }
  throw new StripeRefusal(`Unrecognized request URL (${method}: ${path}).`, { status: 404 });
}

const errorOf = (message: string, type: string, code?: string) => ({ error: { message, type, code } });

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
