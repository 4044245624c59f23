import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { layOutPage, type Page, type PageFrame } from '../../domain/texts/page-layout.ts';
import type { ApiEnv } from '../rest/env.ts';

export type PageStatus = 200 | 400 | 401 | 403 | 404 | 409 | 413 | 429 | 500 | 503;

/** Answers with one of the service's own pages. */
export function answerPage(
  c: Context<ApiEnv>,
  page: Page,
  { status = 200, support }: { status?: PageStatus; support: PageFrame['support'] },
): Response {
  const nonce = randomBytes(16).toString('base64');
  const { markup, headers } = layOutPage(page, { nonce, support });
  return c.body(markup, status, { ...headers });
}
