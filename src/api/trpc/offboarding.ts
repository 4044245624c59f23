import { holdInput, placeHold, releaseHold } from '../../actions/offboarding/legal-hold.ts';
import {
  getOffboarding,
  scheduleOffboarding,
  scheduleOffboardingInput,
} from '../../actions/offboarding/offboarding.ts';
import {
  cancelOffboarding,
  cancelOffboardingInput,
} from '../../actions/offboarding/offboarding-cancellation.ts';
import { confirmInput, executeOffboarding } from '../../actions/offboarding/offboarding-execution.ts';
import { purgeTenant } from '../../actions/offboarding/purge-claim.ts';
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
