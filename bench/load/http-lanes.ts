import { Agent, type IncomingMessage, request } from 'node:http';
import type { HttpLoad, HttpRequest } from './job.ts';
import type { Lanes } from './lanes.ts';

/** Connections that are kept alive, one for each lane. Throws at the first answer with another status. */
export function openHttpLanes({ port, status, requests }: HttpLoad, concurrency: number): Lanes {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const lane = async (index: number) => {
    const wanted = requests[index];
    if (!wanted) throw new Error(`there is no request ${index}`);
    const answer = await send(wanted, { port, agent });
    if (answer.status !== status)
      throw new Error(`${wanted.method} ${wanted.path}: ${answer.status} ${answer.text}`);
  };
  return {
    count: requests.length,
    lanes: Array.from({ length: concurrency }, () => lane),
    close: async () => agent.destroy(),
  };
}

function send({ method, path, headers, body }: HttpRequest, { port, agent }: { port: number; agent: Agent }) {
  const length = body === null ? {} : { 'content-length': Buffer.byteLength(body) };
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const sent = request(
    { host: '127.0.0.1', port, method, path, headers: { ...headers, ...length }, agent },
    (answer) => {
      collect(answer, (text) => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on('error', reject);
    },
  );
  sent.on('error', reject);
  sent.end(body ?? undefined);
  return promise;
}

function collect(answer: IncomingMessage, done: (text: string) => void): void {
  let text = '';
  answer.setEncoding('utf8');
  answer.on('data', (chunk: string) => (text += chunk));
  answer.on('end', () => done(text));
}
