import {
  completeStep,
  completeStepInput,
  getOnboarding,
  goLive,
  waiveStep,
  waiveStepInput,
} from '../../actions/lifecycle/onboarding.ts';
import { router } from './base.ts';
import { actLifecycle } from './previewing.ts';
import { act, onTenant, read } from './procedures.ts';

export const onboarding = router({
  get: onTenant.query(read(getOnboarding)),
  completeStep: onTenant.input(completeStepInput).mutation(act(completeStep)),
  waiveStep: onTenant.input(waiveStepInput).mutation(act(waiveStep)),
  goLive: onTenant.mutation(actLifecycle(goLive)),
});
