import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { longestUploadMinutes } from '../domain/files.ts';

/** The service cannot listen where it was told to; the message is one clear line. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

export type HttpServer = {
  port: number;
  /** Answers with this from now on; until then every request is told to come back. */
  serve(listener: Listener): void;
  /** Takes no new request; those at hand finish, or are cut off after some seconds. Harmless twice. */
  close(): Promise<void>;
};

/** How long requests at hand may take to finish when the service ends. */
const drainMilliseconds = 8000;

/** A connection on which nothing has moved for so long is dead, or holds us up. */
const silentMilliseconds = 120_000;

/** Listens at once, so that a port in use is known before anything else has begun. Throws `ListenError`. */
export async function openHttpServer({ host, port }: { host: string; port: number }): Promise<HttpServer> {
  let listener: Listener = answerStarting;
  let closing: Promise<void> | undefined;
  const answer: Listener = (request, response) => {
    // Whoever keeps a connection would keep us from ending.
    if (closing) response.setHeader('connection', 'close');
    listener(request, response);
  };
  const server = createServer(answer).on('checkContinue', (request, response) => {
    goOnWhenRead(request, response);
    answer(request, response);
  });
  server.requestTimeout = longestUploadMinutes * 60_000;
  server.setTimeout(silentMilliseconds);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new ListenError(explain(error, host, port))));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const close = () =>
    new Promise<void>((resolve) => {
      const cut = setTimeout(() => server.closeAllConnections(), drainMilliseconds);
      server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      server.closeIdleConnections();
    });
  return {
    port: address !== null && typeof address === 'object' ? address.port : port,
    serve(next) {
      listener = next;
    },
    close: () => (closing ??= close()),
  };
}

/** Who asks before sending (`Expect: 100-continue`) is let go on when somebody reads, and not when it is refused before. */
function goOnWhenRead(request: IncomingMessage, response: ServerResponse): void {
  const onListener = (event: string | symbol) => {
    if (event !== 'data' && event !== 'readable') return;
    request.off('newListener', onListener);
    if (!response.headersSent) response.writeContinue();
  };
  request.on('newListener', onListener);
}

function answerStarting(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' });
  response.end(JSON.stringify({ type: 'about:blank', title: 'Starting', status: 503 }));
}

function explain(error: Error, host: string, port: number): string {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is in use: choose another with PORT`;
  if (code === 'EACCES') return `not allowed to listen on port ${port}: choose one above 1023 with PORT`;
  return `cannot listen on ${host}:${port}: ${error.message}`;
}
