import {
  describePreview,
  type Preview,
  previewToken,
  readBasis,
  requireSameWorld,
} from '../../actions/lifecycle/preview.ts';
import { type ControlScope, enterTenant, type TenantScope } from '../../db/scope.ts';
import type { RouterContext } from './base.ts';
import { type Call, onceFor } from './procedures.ts';

/** An answer and, where the call was a preview, what else would happen, and the token to apply it with. */
export type Previewed<Output> = Output & { preview?: Preview & { previewToken: string } };

type Resolving<Scope, Input> = { ctx: RouterContext & { scope: Scope; call: Call }; input: Input };

/**
 * Makes a resolver of a lifecycle action. With `preview` it runs and is undone, and what it did is told; with a
 * `previewToken` it is refused when the world has moved since that preview.
 */
export function actLifecycle<Input, Output extends object>(
  action: (scope: TenantScope, input: Input, ctx: RouterContext) => Promise<Output>,
) {
  return async ({ ctx, input }: Resolving<TenantScope, Input>): Promise<Previewed<Output>> => {
    const { scope, call } = ctx;
    const run = () => action(scope, input, ctx);
    if (scope.watch) return previewIn(scope, ctx, run);
    return onceFor(scope, call, async () => {
      const { previewToken: token, request } = call;
      if (token !== undefined) await requireSameWorld(scope, { ...request, previewToken: token });
      return run();
    });
  };
}

/** The same for an action that makes a tenant: before it there was nothing. */
export function actCreation<Input, Output extends { id: string }>(
  action: (scope: ControlScope, input: Input, ctx: RouterContext) => Promise<Output>,
) {
  return async ({ ctx, input }: Resolving<ControlScope, Input>): Promise<Previewed<Output>> => {
    const { scope, call, places } = ctx;
    const { watch } = scope;
    if (!watch) return onceFor(scope, call, () => action(scope, input, ctx));
    const output = await action(scope, input, ctx);
    const preview = await enterTenant(scope, output.id, async (entered) => {
      const before = { ...(await readBasis(entered)), deadlines: [], sessions: 0, fingerprint: '' };
      const told = await describePreview(entered, before, watch, places);
      return { ...told, previewToken: previewToken(call.request, before) };
    });
    // A key that was made for it seals nothing that stays.
    await ctx.ports.tenantKeys.destroy(output.id);
    return { ...output, preview };
  };
}

async function previewIn<Output extends object>(
  scope: TenantScope,
  { call, places }: RouterContext & { call: Call },
  run: () => Promise<Output>,
): Promise<Previewed<Output>> {
  const { watch } = scope;
  if (!watch) throw new Error('a preview is watched');
  const before = await readBasis(scope);
  const output = await run();
  await scope.em.flush();
  const told = await describePreview(scope, before, watch, places);
  return { ...output, preview: { ...told, previewToken: previewToken(call.request, before) } };
}
