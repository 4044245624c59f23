import { z } from 'zod';
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
import { describeTombstone, getCertificate } from '../../actions/purge/certificate.ts';
import { router } from './base.ts';
import { actLifecycle } from './previewing.ts';
import { onControlPlane, onTenant, onTenantOrTombstone, read, readOrRemember } from './procedures.ts';

export const offboarding = router({
  schedule: onTenant.input(scheduleOffboardingInput).mutation(actLifecycle(scheduleOffboarding)),
  cancel: onTenant.input(cancelOffboardingInput).mutation(actLifecycle(cancelOffboarding)),
  execute: onTenant.input(confirmInput).mutation(actLifecycle(executeOffboarding)),
  purge: onTenant.input(confirmInput).mutation(actLifecycle(purgeTenant)),
  placeHold: onTenant.input(holdInput).mutation(actLifecycle(placeHold)),
  releaseHold: onTenant.input(holdInput).mutation(actLifecycle(releaseHold)),
  get: onTenantOrTombstone.query(readOrRemember(getOffboarding, describeTombstone)),
  certificate: onControlPlane.input(z.object({ tenantId: z.uuid() })).query(read(getCertificate)),
});
