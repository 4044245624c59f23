import { randomBytes } from 'node:crypto';
import { layOutPage, type Page, type PageFrame } from '../src/domain/texts/page-layout.ts';
import type { SsoContext, SsoParts } from './env.ts';

export type PageStatus = 200 | 400 | 403 | 404 | 405 | 413 | 500;
type Making = { status: PageStatus; make: (nonce: string) => Page } & Partial<
  Pick<PageFrame, 'formAction' | 'scripted'>
>;

/** Answers with one of our own pages; its maker is given the nonce that a script of it would need. */
export function answerPage(
  c: SsoContext,
  { support }: SsoParts,
  { status, make, ...frame }: Making,
): Response {
  const nonce = randomBytes(16).toString('base64');
  const { markup, headers } = layOutPage(make(nonce), { nonce, support, ...frame });
  return c.body(markup, status, { ...headers });
}
