import { Refusal } from '../../domain/refusal.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';
import { base } from './base.ts';
import { callOf, inOneTransaction, mutationInput, tenantInput } from './procedures.ts';

/** What belongs to a tenant or to the operator: an operator who names no tenant is at the control plane. */
export const onEither = base
  .input(tenantInput)
  .input(mutationInput)
  .use(async ({ ctx, input, next, path, getRawInput }) => {
    const call = callOf(input, { procedure: path, input: await getRawInput() });
    const run = (scope: TenantScope | ControlScope) => next({ ctx: { scope, call } });
    const transaction = inOneTransaction(ctx, call, run);
    const caller = await ctx.identify();
    const { tenantId } = input ?? {};
    if (caller.kind === 'session') {
      return transaction((work) =>
        ctx.db.inSession({ ...ctx.entry, ...caller }, (scope) => {
          if (tenantId && tenantId !== caller.tenantId) throw new Refusal('NOT_FOUND', 'no such tenant');
          return work(scope);
        }),
      );
    }
    const entry = { ...ctx.entry, actor: caller.actor };
    return transaction((work) =>
      tenantId ? ctx.db.inTenant({ ...entry, tenantId }, work) : ctx.db.asControlPlane(entry, work),
    );
  });
