import { initTRPC, TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { Ports } from '../../domain/ports.ts';
import { Refusal, type RefusalReason } from '../../domain/refusal.ts';
import type { MailPlaces } from '../../actions/notifications/written-mail.ts';
import type { Database, Entry } from '../../db/scope.ts';
import type { Throttle } from '../../db/throttle.ts';
import type { IdpMetadata, SpKeyMaterial } from '../../infra/idp-metadata.ts';
import type { Caller } from '../caller.ts';
import { invalidInput } from '../input.ts';

/** What the roof hands to the router. */
export type RouterParts = {
  db: Database;
  ports: Ports;
  throttle: Throttle;
  publicUrl: string;
  /** Where links of mails lead: a preview shows the mails. */
  places: MailPlaces;
  saml: {
    readIdpMetadata(xml: string): IdpMetadata;
    readIdpFields(fields: { entityId: string; ssoUrl: string; certificates: readonly string[] }): IdpMetadata;
    makeSpKeyMaterial(commonName: string, now: Date): Promise<SpKeyMaterial>;
  };
};

export type RouterContext = RouterParts & {
  entry: Omit<Entry, 'actor'>;
  /** Reads and proves the bearer token; refuses without one. */
  identify: () => Promise<Caller>;
};

/** How each reason is said in tRPC. A new reason does not compile until it is written here. */
const codes = {
  INVALID_INPUT: 'BAD_REQUEST',
  INVALID_CREDENTIALS: 'UNAUTHORIZED',
  EMAIL_NOT_VERIFIED: 'FORBIDDEN',
  SSO_REQUIRED: 'FORBIDDEN',
  TENANT_ONBOARDING: 'FORBIDDEN',
  TENANT_SUSPENDED: 'FORBIDDEN',
  TENANT_READ_ONLY: 'FORBIDDEN',
  TENANT_OFFBOARDED: 'FORBIDDEN',
  PLAN_LIMIT_REACHED: 'FORBIDDEN',
  PLAN_FEATURE_REQUIRED: 'FORBIDDEN',
  RATE_LIMITED: 'TOO_MANY_REQUESTS',
  TRANSITION_NOT_ALLOWED: 'CONFLICT',
  APPROVAL_REQUIRED: 'FORBIDDEN',
  LEGAL_HOLD: 'CONFLICT',
  CONFLICT: 'CONFLICT',
  NOT_FOUND: 'NOT_FOUND',
  PERMISSION_DENIED: 'FORBIDDEN',
} as const satisfies Record<RefusalReason, TRPCError['code']>;

/** Which request an error is of that came before there was a context: a body of another type, say. */
const requestIds = new WeakMap<TRPCError, string>();

/** Notes of which request an error is, so that its answer can say so. */
export function noteRequest(error: TRPCError, requestId: string): void {
  requestIds.set(error, requestId);
}

const t = initTRPC.context<RouterContext>().create({
  isDev: false,
  errorFormatter({ shape, error, ctx }) {
    const refusal = refusalOf(error);
    const requestId = ctx?.entry.origin.requestId ?? requestIds.get(error) ?? null;
    const { code, httpStatus, path } = shape.data;
    const facts = refusal ? { reason: refusal.reason, ...refusal.data } : reasonOf(code);
    const message = refusal?.message ?? (code === 'INTERNAL_SERVER_ERROR' ? 'internal error' : shape.message);
    return { message, code: shape.code, data: { code, httpStatus, path, requestId, ...facts } };
  },
});
export const router = t.router;

/** tRPC's own errors in the words that callers branch on. */
function reasonOf(code: string): { reason?: RefusalReason } {
  if (code === 'NOT_FOUND') return { reason: 'NOT_FOUND' };
  if (code === 'BAD_REQUEST' || code === 'PARSE_ERROR') return { reason: 'INVALID_INPUT' };
  return {};
}

function refusalOf(error: TRPCError): Refusal | null {
  if (error.cause instanceof Refusal) return error.cause;
  if (error.code === 'BAD_REQUEST' && error.cause instanceof z.ZodError) return invalidInput(error.cause);
  return null;
}

const speaksRefusals = t.middleware(async ({ next }) => {
  const result = await next();
  if (!result.ok && result.error.cause instanceof Refusal) {
    const refusal = result.error.cause;
    throw new TRPCError({ code: codes[refusal.reason], message: refusal.message, cause: refusal });
  }
  return result;
});

/** A procedure that says refusals. */
export const base = t.procedure.use(speaksRefusals);

/** What a procedure that failed threw, out of tRPC's wrapping: the scope tells a conflict and a deadlock by it. */
export function originOf(result: object): unknown {
  const error = 'error' in result ? result.error : null;
  return error instanceof TRPCError && error.code === 'INTERNAL_SERVER_ERROR'
    ? (error.cause ?? error)
    : error;
}
