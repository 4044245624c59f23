import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';

export type Hook = {
  id: string;
  type: string;
  data: Record<string, unknown>;
  isSignedWith(secret: string): boolean;
};

export type WebhookReceiver = AsyncDisposable & {
  url: string;
  /** What it answers from now on. */
  answerWith(status: number): void;
  /** Waits until so many have arrived about a tenant, and gives all of those. */
  await(tenantId: string, count: number): Promise<Hook[]>;
};

/** Somebody's server, on this machine, that is told of lifecycle events. */
export async function openWebhookReceiver(): Promise<WebhookReceiver> {
  const hooks: Hook[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    void receive(request, response);
  });
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    hooks.push(await readHook(request));
    response.writeHead(status).end();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a listening server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/hooks`,
    answerWith(wanted) {
      status = wanted;
    },
    async await(tenantId, count) {
      const about = () => hooks.filter(({ data }) => Object(data['tenant'])['id'] === tenantId);
      for (const end = Date.now() + 15_000; about().length < count && Date.now() < end;) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return about();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readHook(request: IncomingMessage): Promise<Hook> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString('utf8');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const { type, data } = JSON.parse(body);
  const isSignedWith = (secret: string) => {
    try {
      new Webhook(secret).verify(body, headers);
      return true;
    } catch {
      return false;
    }
  };
  return { id: headers['webhook-id'] ?? '', type, data, isSignedWith };
}
