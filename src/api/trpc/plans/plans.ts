import { getCurrentPlan } from '../../../actions/plans/current-plan.ts';
import {
  extendTrial,
  extendTrialInput,
  giveTrial,
  startTrialInput,
} from '../../../actions/plans/given-trials.ts';
import { changePlan } from '../../../actions/plans/plan-change.ts';
import { setOverrides, setOverridesInput } from '../../../actions/plans/plan-overrides.ts';
import {
  decideRequest,
  decideRequestInput,
  listRequests,
  listRequestsInput,
  requestInput,
  withdrawRequest,
} from '../../../actions/plans/plan-requests.ts';
import { cancelScheduled } from '../../../actions/plans/scheduled-change.ts';
import { listPlans, setPolicy, setPolicyInput } from '../../../actions/lifecycle/plan-policy.ts';
import { router } from '../base.ts';
import { onEither } from '../on-either.ts';
import { actLifecycle } from '../previewing.ts';
import { act, onControlPlane, onIdentity, onTenant, read } from '../procedures.ts';
import { onPricedTenant } from './charge.ts';

const requests = router({
  list: onEither.input(listRequestsInput.prefault({})).query(read(listRequests)),
  decide: onTenant.input(decideRequestInput).mutation(actLifecycle(decideRequest)),
  withdraw: onTenant.input(requestInput).mutation(act(withdrawRequest)),
});

export const plans = router({
  catalogue: onIdentity.query(({ ctx }) => listPlans(ctx.db)),
  current: onTenant.query(read(getCurrentPlan)),
  setPolicy: onControlPlane.input(setPolicyInput).mutation(act(setPolicy)),
  change: onPricedTenant.mutation(async ({ ctx, input }) => ({
    ...(await actLifecycle(changePlan)({ ctx, input })),
    charge: ctx.charge,
  })),
  startTrial: onTenant.input(startTrialInput).mutation(actLifecycle(giveTrial)),
  extendTrial: onTenant.input(extendTrialInput).mutation(actLifecycle(extendTrial)),
  cancelScheduled: onTenant.mutation(actLifecycle(cancelScheduled)),
  setOverrides: onTenant.input(setOverridesInput).mutation(actLifecycle(setOverrides)),
  requests,
});
