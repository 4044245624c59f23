import type { BillingGateway } from '../../../domain/billing/gateway.ts';
import { BillingRefused, BillingUnavailable } from '../../../domain/billing/gateway.ts';
import { Refusal } from '../../../domain/refusal.ts';
import type { TenantScope } from '../../../db/scope.ts';
import { openCallersTenant } from '../../callers-tenant.ts';
import { base, type RouterContext } from '../base.ts';
import { callOf, mutationInput, tenantInput } from '../procedures.ts';

/** Opens a short transaction on the caller's tenant. */
export type InTenant = <T>(work: (scope: TenantScope) => Promise<T>) => Promise<T>;

/**
 * One tenant, of a procedure that also asks somebody outside: its resolver opens short transactions before and after
 * that, and none is open while it waits.
 */
export const aroundTenant = base
  .input(tenantInput)
  .input(mutationInput)
  .use(async ({ ctx, input, next, path, getRawInput }) => {
    const call = callOf(input, { procedure: path, input: await getRawInput() });
    if (call.preview || call.previewToken !== undefined) {
      throw new Refusal('INVALID_INPUT', 'preview: this cannot be previewed');
    }
    const caller = await ctx.identify();
    const inTenant: InTenant = (work) =>
      openCallersTenant({ ...ctx, caller, tenantId: input?.tenantId }, work);
    // Before its input is looked at: a token alone does not say whether its session still lives.
    await inTenant(async () => undefined);
    return next({ ctx: { inTenant, call } });
  });

/** Asks the payment provider, outside any transaction; what it says no to is a conflict. */
export async function askBilling<T>(
  { db }: Pick<RouterContext, 'db'>,
  ask: (billing: BillingGateway) => Promise<T>,
): Promise<T> {
  const { billing } = db.ports;
  if (!billing) throw new Refusal('CONFLICT', 'billing is off here');
  try {
    return await ask(billing);
  } catch (error) {
    if (error instanceof BillingRefused) throw new Refusal('CONFLICT', error.message);
    if (error instanceof BillingUnavailable) {
      throw new Refusal('CONFLICT', 'the payment provider does not answer: try again in a minute', {
        retryAfterSeconds: 60,
      });
    }
    throw error;
  }
}
