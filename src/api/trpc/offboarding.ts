import { holdInput, placeHold, releaseHold } from '../../actions/lifecycle/legal-hold.ts';
import {
  getOffboarding,
  scheduleOffboarding,
  scheduleOffboardingInput,
} from '../../actions/lifecycle/offboarding.ts';
import {
  cancelOffboarding,
  cancelOffboardingInput,
} from '../../actions/lifecycle/offboarding-cancellation.ts';
import { confirmInput, executeOffboarding } from '../../actions/lifecycle/offboarding-execution.ts';
import { purgeTenant } from '../../actions/lifecycle/purge-claim.ts';
import { router } from './base.ts';
import { act, onTenant, read } from './procedures.ts';

export const offboarding = router({
  schedule: onTenant.input(scheduleOffboardingInput).mutation(act(scheduleOffboarding)),
  cancel: onTenant.input(cancelOffboardingInput).mutation(act(cancelOffboarding)),
  execute: onTenant.input(confirmInput).mutation(act(executeOffboarding)),
  purge: onTenant.input(confirmInput).mutation(act(purgeTenant)),
  placeHold: onTenant.input(holdInput).mutation(act(placeHold)),
  releaseHold: onTenant.input(holdInput).mutation(act(releaseHold)),
  get: onTenant.query(read(getOffboarding)),
});
