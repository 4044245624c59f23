import {
  changePlan,
  changePlanInput,
  getCurrentPlan,
  listPlans,
} from '../../actions/lifecycle/plan-change.ts';
import { router } from './base.ts';
import { actLifecycle } from './previewing.ts';
import { onIdentity, onTenant, read } from './procedures.ts';

export const plans = router({
  catalogue: onIdentity.query(() => listPlans()),
  current: onTenant.query(read(getCurrentPlan)),
  change: onTenant.input(changePlanInput).mutation(actLifecycle(changePlan)),
});
