import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterAll } from 'vitest';
import type { Json } from '../support/http.ts';

/** One request as it arrived. */
export type Received = {
  id: string;
  headers: Record<string, string>;
  body: string;
  /** What it says, without any proof. */
  event: Json;
};

type Answer = (received: Received, response: ServerResponse) => unknown;

const accept: Answer = (_, response) => response.writeHead(204).end();

/** A server that receives webhooks on the loopback, and answers them as it is told; by default it accepts them. */
export async function openReceiver() {
  const received: Received[] = [];
  let answer = accept;
  const server = createServer((request, response) => {
    void take(request, response);
  });
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const one = await read(request);
    received.push(one);
    answer(one, response);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a listening server has no port');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  afterAll(close);
  return {
    url: `http://127.0.0.1:${address.port}/hook`,
    port: address.port,
    received,
    /** What arrived about one tenant, in the order of arrival. */
    about: ({ id }: { id: string }) => received.filter(({ event }) => event.data.tenant?.id === id),
    answers: (how: Answer) => {
      answer = how;
    },
    answersWith: (status: number) => {
      answer = (_, response) => response.writeHead(status).end();
    },
    accepts: () => {
      answer = accept;
    },
    close,
  };
}

/** What a message says to who holds this secret; throws when it was not signed with it. */
export function verify({ headers, body }: Received, secret: string): unknown {
  return new Webhook(secret).verify(body, headers);
}

/** Whether a secret proves a message. */
export function proves(secret: string, received: Received): boolean {
  try {
    verify(received, secret);
    return true;
  } catch {
    return false;
  }
}

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString('utf8');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  return { id: headers['webhook-id'] ?? '', headers, body, event: JSON.parse(body) };
}
