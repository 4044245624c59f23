import type { z } from 'zod';
import { findChargedOrder } from '../../../actions/billing/billing-customers.ts';
import { changePlanInput } from '../../../actions/plans/plan-change.ts';
import type { ChangePreview } from '../../../domain/billing/gateway.ts';
import { openCallersTenant } from '../../callers-tenant.ts';
import { base, type RouterContext } from '../base.ts';
import { mutationInput, onTenant, tenantInput } from '../procedures.ts';
import { askBilling } from './around-tenant.ts';

/** A provider's amounts as callers see them, in the currency's smallest unit. */
export function describeCharge({ at, prorationLines, ...amounts }: ChangePreview) {
  const lines = prorationLines.map(({ description, amount }) => ({ description, amount }));
  return { ...amounts, prorationLines: lines, at: at.toISOString() };
}

/** What a change of plan is billed at once; `null` where no subscription would be charged. */
type Charge = ReturnType<typeof describeCharge> | null;

/** A tenant whose plan is changed. For a preview the provider is asked for the price before the transaction opens. */
export const onPricedTenant = base
  .input(tenantInput)
  .input(mutationInput)
  .use(async ({ ctx, input, next }) => {
    const caller = await ctx.identify();
    // Before its input is looked at: a token alone does not say whether its session still lives.
    await openCallersTenant({ ...ctx, caller, tenantId: input?.tenantId }, async () => undefined);
    return next();
  })
  .input(changePlanInput)
  .use(async ({ ctx, input, next }) => {
    const charge = input.preview === true ? await readCharge(ctx, input) : null;
    return next({ ctx: { charge } });
  })
  .concat(onTenant);

async function readCharge(
  ctx: RouterContext,
  input: z.infer<typeof changePlanInput> & { tenantId?: string | undefined },
): Promise<Charge> {
  const caller = await ctx.identify();
  const { tenantId } = input;
  const order = await openCallersTenant({ ...ctx, caller, tenantId }, (scope) =>
    findChargedOrder(scope, input),
  );
  return order && describeCharge(await askBilling(ctx, (provider) => provider.previewChange(order)));
}
