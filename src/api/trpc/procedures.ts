import { initTRPC, TRPCError } from '@trpc/server';
import { z } from 'zod';
import { once } from '../../actions/operations/idempotency.ts';
import { requirePersonAccess } from '../../domain/access.ts';
import type { Actor } from '../../domain/actors.ts';
import type { Ports } from '../../domain/ports.ts';
import { Refusal, type RefusalReason } from '../../domain/refusal.ts';
import { isStorable } from '../../domain/user-attributes.ts';
import type { ControlScope, Database, Entry, TenantScope } from '../../db/scope.ts';
import type { IdpMetadata, SpKeyMaterial } from '../../infra/idp-metadata.ts';
import type { Caller } from '../caller.ts';
import { invalidInput } from '../input.ts';

/** What the roof hands to the router. */
export type RouterParts = {
  db: Database;
  ports: Ports;
  publicUrl: string;
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

const base = t.procedure.use(speaksRefusals);

/** How a mutation is kept from happening twice: by its key, for its procedure and exact input. */
type Repeatable = { idempotencyKey: string | undefined; request: { procedure: string; input: unknown } };

const mutationInput = z
  .object({ idempotencyKey: z.string().min(1).max(200).refine(isStorable, 'cannot be stored').optional() })
  .optional();
const tenantInput = z.object({ tenantId: z.uuid().optional() }).optional();

/** One tenant: an operator names it, a tenant's own person is in it already. One transaction, one actor, one moment. */
export const onTenant = base
  .input(tenantInput)
  .input(mutationInput)
  .use(async ({ ctx, input, next, path, getRawInput }) => {
    const request = { procedure: path, input: await getRawInput() };
    const repeatable = { idempotencyKey: input?.idempotencyKey, request };
    const work = async (scope: TenantScope) => {
      const result = await next({ ctx: { scope, repeatable } });
      // tRPC returns a failure instead of throwing it; throw, so that the transaction rolls back.
      if (!result.ok) throw originOf(result.error);
      return result;
    };
    const caller = await ctx.identify();
    if (caller.kind === 'operator') {
      if (!input?.tenantId) throw new Refusal('INVALID_INPUT', 'tenantId: name the tenant');
      return ctx.db.inTenant({ ...ctx.entry, actor: caller.actor, tenantId: input.tenantId }, work);
    }
    return ctx.db.inSession({ ...ctx.entry, ...caller }, (scope) => {
      if (input?.tenantId && input.tenantId !== caller.tenantId)
        throw new Refusal('NOT_FOUND', 'no such tenant');
      return work(scope);
    });
  });

/** An operator at the control plane: what concerns no single tenant. */
export const onControlPlane = base
  .input(mutationInput)
  .use(async ({ ctx, input, next, path, getRawInput }) => {
    const request = { procedure: path, input: await getRawInput() };
    const repeatable = { idempotencyKey: input?.idempotencyKey, request };
    const actor = await identifyOperator(ctx);
    return ctx.db.asControlPlane({ ...ctx.entry, actor }, async (scope) => {
      const result = await next({ ctx: { scope, repeatable } });
      if (!result.ok) throw originOf(result.error);
      return result;
    });
  });

/** Anybody who is signed in and may read, for what concerns no tenant. */
export const onIdentity = base.use(async ({ ctx, next }) => {
  const caller = await ctx.identify();
  if (caller.kind === 'session') {
    // The token alone does not say whether its session still lives, nor whether its tenant may act.
    await ctx.db.inSession({ ...ctx.entry, ...caller }, async ({ actor, tenant }) =>
      requirePersonAccess(tenant, actor.role, 'read'),
    );
  }
  return next();
});

/** Makes a resolver of an action that changes something: with an `idempotencyKey` it happens once. */
export function act<Scope extends TenantScope | ControlScope, Input, Output>(
  action: (scope: Scope, input: Input, ctx: RouterContext) => Promise<Output>,
) {
  return ({
    ctx,
    input,
  }: {
    ctx: RouterContext & { scope: Scope; repeatable: Repeatable };
    input: Input;
  }) => {
    const { scope, repeatable } = ctx;
    const run = () => action(scope, input, ctx);
    if (repeatable.idempotencyKey === undefined) return run();
    return once(scope, { key: repeatable.idempotencyKey, input: repeatable.request }, run);
  };
}

/** Makes a resolver of an action that only reads. */
export function read<Scope extends TenantScope | ControlScope, Input, Output>(
  action: (scope: Scope, input: Input, ctx: RouterContext) => Promise<Output> | Output,
) {
  return ({ ctx, input }: { ctx: RouterContext & { scope: Scope }; input: Input }) =>
    action(ctx.scope, input, ctx);
}

/** What a procedure threw, out of tRPC's wrapping: the scope tells a conflict and a deadlock by it. */
function originOf(error: TRPCError): Error {
  return error.code === 'INTERNAL_SERVER_ERROR' ? (error.cause ?? error) : error;
}

async function identifyOperator(ctx: RouterContext): Promise<Actor> {
  const caller = await ctx.identify();
  if (caller.kind === 'operator') return caller.actor;
  // A tenant's person is told so only while the session lives.
  return ctx.db.inSession({ ...ctx.entry, ...caller }, () => {
    throw new Refusal('PERMISSION_DENIED', 'only operators may do this');
  });
}
