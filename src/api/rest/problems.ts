import type { Context } from 'hono';
import { Refusal, type RefusalReason } from '../../domain/refusal.ts';
import type { Log } from '../../infra/log.ts';
import { BodyTooLarge, PreconditionFailed } from '../input.ts';
import type { ApiEnv } from './env.ts';

type Problem = { status: 400 | 401 | 403 | 404 | 409 | 413 | 429 | 500 | 503; title: string };

/** How each reason is said over HTTP. A new reason does not compile until it is written here. */
export const problems: Record<RefusalReason, Problem> = {
  INVALID_INPUT: { status: 400, title: 'Invalid input' },
  INVALID_CREDENTIALS: { status: 401, title: 'Invalid credentials' },
  EMAIL_NOT_VERIFIED: { status: 403, title: 'E-mail not verified' },
  SSO_REQUIRED: { status: 403, title: 'Single sign-on required' },
  TENANT_ONBOARDING: { status: 403, title: 'Tenant not live yet' },
  TENANT_SUSPENDED: { status: 403, title: 'Tenant suspended' },
  TENANT_READ_ONLY: { status: 403, title: 'Tenant read-only' },
  TENANT_OFFBOARDED: { status: 403, title: 'Tenant offboarded' },
  PLAN_LIMIT_REACHED: { status: 403, title: 'Plan limit reached' },
  PLAN_FEATURE_REQUIRED: { status: 403, title: 'Plan feature required' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  TRANSITION_NOT_ALLOWED: { status: 409, title: 'Transition not allowed' },
  APPROVAL_REQUIRED: { status: 403, title: 'Approval required' },
  LEGAL_HOLD: { status: 409, title: 'Legal hold' },
  CONFLICT: { status: 409, title: 'Conflict' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  PERMISSION_DENIED: { status: 403, title: 'Permission denied' },
};

/** Says what went wrong as RFC 9457 asks. Whatever is not a refusal is a bug: logged, and told without detail. */
export function answerProblem(error: unknown, c: Context<ApiEnv>, log: Log): Response {
  const { requestId } = c.var.entry.origin;
  if (error instanceof BodyTooLarge) {
    return problem(c, { status: 413, title: 'Body too large' }, { detail: error.message });
  }
  if (error instanceof PreconditionFailed) {
    return problem(
      c,
      { status: 412, title: 'Precondition failed' },
      { detail: 'this is not the version that was meant', reason: 'CONFLICT' },
    );
  }
  if (!(error instanceof Refusal)) {
    log.error({ err: error, requestId, path: c.req.path }, 'a request failed by a bug');
    return problem(
      c,
      { status: 500, title: 'Internal error' },
      { detail: 'this is our fault; it has been logged' },
    );
  }
  const { retryAfterSeconds } = error.data;
  if (typeof retryAfterSeconds === 'number') c.header('retry-after', String(retryAfterSeconds));
  if (error.reason === 'INVALID_CREDENTIALS') c.header('www-authenticate', 'Bearer');
  return problem(c, problems[error.reason], { detail: error.message, reason: error.reason, ...error.data });
}

/** One problem document. */
export function problem(
  c: Pick<Context<ApiEnv>, 'var' | 'body'>,
  { status, title }: Problem | { status: 405 | 412 | 416; title: string },
  more: Record<string, unknown>,
): Response {
  const body = { type: 'about:blank', title, status, ...more, requestId: c.var.entry.origin.requestId };
  return c.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
}
