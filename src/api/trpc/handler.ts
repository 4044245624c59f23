import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { type Context, Hono } from 'hono';
import type { Entry } from '../../db/scope.ts';
import type { Log } from '../../infra/log.ts';
import { identifyCaller } from '../caller.ts';
import { BodyTooLarge, limitBody } from '../input.ts';
import type { ApiEnv } from '../rest/env.ts';
import type { SessionTokens } from '../session-tokens.ts';
import { noteRequest, type RouterParts } from './base.ts';
import { appRouter } from './router.ts';

const mostBatched = 50;

/** The tRPC router over HTTP, JSON without a transformer, batching on. */
export function createTrpcApi(parts: RouterParts & { sessionTokens: SessionTokens; log: Log }): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.use('/trpc/*', limitBody);
  app.onError((error, c) => {
    if (error instanceof BodyTooLarge) return answerTooLarge(c, error.message);
    throw error;
  });
  app.all('/trpc/*', (c) => {
    const { entry } = c.var;
    const anonymous: Entry = { ...entry, actor: { kind: 'anonymous' } };
    const authorization = c.req.header('authorization');
    let caller: ReturnType<typeof identifyCaller> | undefined;
    return fetchRequestHandler({
      endpoint: '/trpc',
      req: c.req.raw,
      router: appRouter,
      maxBatchSize: mostBatched,
      createContext: () => ({
        ...parts,
        entry,
        // One look at the token for all procedures of a batch.
        identify: () => (caller ??= identifyCaller(parts, anonymous, authorization)),
      }),
      onError: ({ error, path }) => {
        const { requestId } = entry.origin;
        noteRequest(error, requestId);
        if (error.code !== 'INTERNAL_SERVER_ERROR') return;
        parts.log.error({ err: error.cause ?? error, path, requestId }, 'a procedure failed by a bug');
      },
    });
  });
  return app;
}

/** tRPC never sees such a body, so its answer is said for it, in its own shape. */
function answerTooLarge(c: Context<ApiEnv>, message: string): Response {
  const data = {
    code: 'PAYLOAD_TOO_LARGE',
    httpStatus: 413,
    path: null,
    requestId: c.var.entry.origin.requestId,
    reason: 'INVALID_INPUT',
  };
  return c.json({ error: { message, code: -32_013, data } }, 413);
}
