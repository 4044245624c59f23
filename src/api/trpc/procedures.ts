import { z } from 'zod';
import { once } from '../../actions/operations/idempotency.ts';
import { requirePersonAccess } from '../../domain/access.ts';
import type { Actor } from '../../domain/actors.ts';
import { Refusal } from '../../domain/refusal.ts';
import { isStorable } from '../../domain/user-attributes.ts';
import { type ControlScope, type TenantScope, watched } from '../../db/scope.ts';
import { storeApproval } from './approval-storing.ts';
import { openCallersTenant } from '../callers-tenant.ts';
import { base, originOf, type RouterContext } from './base.ts';

/** What a mutation's input says of the call itself: its procedure and exact input, its key, whether it only looks. */
export type Call = {
  idempotencyKey: string | undefined;
  preview: boolean;
  previewToken: string | undefined;
  request: { procedure: string; input: unknown };
};

/** What every mutation takes beside its own input. */
export const mutationInput = z
  .object({
    idempotencyKey: z.string().min(1).max(200).refine(isStorable, 'cannot be stored').optional(),
    preview: z.boolean().optional(),
    previewToken: z.string().max(200).optional(),
  })
  .optional();
/** The tenant that an operator names. */
export const tenantInput = z.object({ tenantId: z.uuid().optional() }).optional();

/** Undoes a transaction whose answer is wanted all the same. */
class RolledBack extends Error {
  override readonly name = 'RolledBack';
}

/** One tenant: an operator names it, a tenant's own person is in it already. One transaction, one actor, one moment. */
export const onTenant = base
  .input(tenantInput)
  .input(mutationInput)
  .use(async ({ ctx, input, next, path, getRawInput }) => {
    const call = callOf(input, { procedure: path, input: await getRawInput() });
    const run = (scope: TenantScope) => next({ ctx: { scope, call } });
    const transaction = inOneTransaction(ctx, call, run);
    const caller = await ctx.identify();
    return transaction((work) => openCallersTenant({ ...ctx, caller, tenantId: input?.tenantId }, work));
  });

/** One tenant, also one that is being purged or gone: its resolver is made by `readOrRemember`. */
export const onTenantOrTombstone = base.input(tenantInput);

type Reading<Scope, Output> = (scope: Scope) => Promise<Output>;

/** Makes a resolver that asks a tenant, or for operators what is left of it once its purge was claimed. */
export function readOrRemember<Living, Gone>(
  read: Reading<TenantScope, Living>,
  remember: (scope: ControlScope, tenantId: string) => Promise<Gone | null>,
) {
  return async ({ ctx, input }: { ctx: RouterContext; input: z.infer<typeof tenantInput> }) => {
    const caller = await ctx.identify();
    const tenantId = input?.tenantId;
    try {
      return await openCallersTenant({ ...ctx, caller, tenantId }, read);
    } catch (error) {
      if (caller.kind !== 'operator' || tenantId === undefined || !isNoMore(error)) throw error;
      const gone = await ctx.db.asControlPlane({ ...ctx.entry, actor: caller.actor }, (scope) =>
        remember(scope, tenantId),
      );
      if (!gone) throw error;
      return gone;
    }
  };
}

function isNoMore(error: unknown): boolean {
  return error instanceof Refusal && (error.reason === 'NOT_FOUND' || error.reason === 'TENANT_OFFBOARDED');
}

/** An operator at the control plane: what concerns no single tenant. */
export const onControlPlane = base
  .input(mutationInput)
  .use(async ({ ctx, input, next, path, getRawInput }) => {
    const call = callOf(input, { procedure: path, input: await getRawInput() });
    const run = (scope: ControlScope) => next({ ctx: { scope, call } });
    const actor = await identifyOperator(ctx);
    return inOneTransaction(ctx, call, run)((work) => ctx.db.asControlPlane({ ...ctx.entry, actor }, work));
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

type Resolving<Scope, Input> = { ctx: RouterContext & { scope: Scope; call: Call }; input: Input };

/** Makes a resolver of an action that changes something: with an `idempotencyKey` it happens once. */
export function act<Scope extends TenantScope | ControlScope, Input, Output>(
  action: (scope: Scope, input: Input, ctx: RouterContext) => Promise<Output>,
) {
  return ({ ctx, input }: Resolving<Scope, Input>) => {
    const { scope, call } = ctx;
    if (call.preview || call.previewToken !== undefined) {
      throw new Refusal('INVALID_INPUT', 'preview: this cannot be previewed');
    }
    return onceFor(scope, call, () => action(scope, input, ctx));
  };
}

/** Makes a resolver of an action that only reads. */
export function read<Scope extends TenantScope | ControlScope, Input, Output>(
  action: (scope: Scope, input: Input, ctx: RouterContext) => Promise<Output> | Output,
) {
  return ({ ctx, input }: { ctx: RouterContext & { scope: Scope }; input: Input }) =>
    action(ctx.scope, input, ctx);
}

/** Runs work once for a call's key; a repetition gets the first answer. */
export function onceFor<T>(
  scope: TenantScope | ControlScope,
  call: Call,
  work: () => Promise<T>,
): Promise<T> {
  const { idempotencyKey: key, request } = call;
  return key === undefined ? work() : once(scope, { key, input: request }, work);
}

/** What a mutation's input says of the call itself. */
export function callOf(input: z.infer<typeof mutationInput>, request: Call['request']): Call {
  const { idempotencyKey, preview = false, previewToken } = input ?? {};
  return { idempotencyKey, preview, previewToken, request };
}

/**
 * Runs a procedure in the transaction that `open` opens. One that is a preview is undone once it has answered; one
 * that needs approval is stored for it.
 */
export function inOneTransaction<Scope extends TenantScope | ControlScope, Result extends { ok: boolean }>(
  { db }: RouterContext,
  { preview, request }: Call,
  run: (scope: Scope) => Promise<Result>,
) {
  return async (open: (work: (scope: Scope) => Promise<Result>) => Promise<Result>): Promise<Result> => {
    let previewed: Result | undefined;
    let opened: Scope | undefined;
    try {
      return await open(async (scope) => {
        opened = scope;
        const result = await run(preview ? watched(scope) : scope);
        // tRPC returns a failure instead of throwing it; throw, so that the transaction rolls back.
        if (!result.ok) throw originOf(result);
        if (!preview) return result;
        previewed = result;
        throw new RolledBack();
      });
    } catch (error) {
      if (error instanceof RolledBack && previewed) return previewed;
      if (!opened) throw error;
      return storeApproval(db, opened, { input: request.input, error });
    }
  };
}

async function identifyOperator(ctx: RouterContext): Promise<Actor> {
  const caller = await ctx.identify();
  if (caller.kind === 'operator') return caller.actor;
  // A tenant's person is told so only while the session lives.
  return ctx.db.inSession({ ...ctx.entry, ...caller }, () => {
    throw new Refusal('PERMISSION_DENIED', 'only operators may do this');
  });
}
