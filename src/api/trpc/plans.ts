import { changePlan, changePlanInput, getCurrentPlan } from '../../actions/lifecycle/plan-change.ts';
import { listPlans, setPolicy, setPolicyInput } from '../../actions/lifecycle/plan-policy.ts';
import { router } from './base.ts';
import { actLifecycle } from './previewing.ts';
import { act, onControlPlane, onIdentity, onTenant, read } from './procedures.ts';

export const plans = router({
  catalogue: onIdentity.query(({ ctx }) => listPlans(ctx.db)),
  current: onTenant.query(read(getCurrentPlan)),
  setPolicy: onControlPlane.input(setPolicyInput).mutation(act(setPolicy)),
  change: onTenant.input(changePlanInput).mutation(actLifecycle(changePlan)),
});
