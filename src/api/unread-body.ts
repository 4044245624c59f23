import { IncomingMessage } from 'node:http';
import type { Context } from 'hono';

/** How much of a body that nobody wanted is read on, in bytes. */
const maxDiscardedBytes = 100_000_000;

/**
 * Reads on, beside the answer, what it has left of its request's body. A client that still sends when it is refused
 * would see its connection reset and not the answer; and its next request on this connection would find it closed.
 * What is longer than anybody sends by mistake ends its connection with the answer (RFC 9112 §9.6).
 */
export function discardUnreadBody(c: Context): void {
  // Requests made inside the process, as tests do, have no connection.
  const env: unknown = c.env;
  const incoming = env && typeof env === 'object' && 'incoming' in env ? env.incoming : undefined;
  if (!(incoming instanceof IncomingMessage) || incoming.complete) return;
  const announced = Number(c.req.header('content-length') ?? 0);
  // Who asks before sending (RFC 9110 §10.1.1) is told not to.
  if (announced > maxDiscardedBytes || c.req.header('expect')) return c.header('connection', 'close');
  const { body } = c.req.raw;
  if (body?.locked) return c.header('connection', 'close');
  if (body) void discard(body).then((isRead) => isRead || incoming.destroy());
}

/** Whether the body ended before it was too much. */
async function discard(body: NonNullable<Request['body']>): Promise<boolean> {
  const reader = body.getReader();
  try {
    for (let size = 0; size < maxDiscardedBytes;) {
      const { value } = await reader.read();
      if (!value) return true;
      size += value.length;
    }
    return false;
  } catch {
    // The client went away.
    return true;
  }
}
