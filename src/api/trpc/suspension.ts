import {
  confirmPayment,
  confirmPaymentInput,
  reinstateTenant,
  reinstateTenantInput,
} from '../../actions/suspension/reinstatement.ts';
import { listSuspensions, suspendTenant, suspendTenantInput } from '../../actions/suspension/suspension.ts';
import { router } from './base.ts';
import { act, onTenant, read } from './procedures.ts';

export const suspension = router({
  suspend: onTenant.input(suspendTenantInput).mutation(act(suspendTenant)),
  reinstate: onTenant.input(reinstateTenantInput).mutation(act(reinstateTenant)),
  confirmPayment: onTenant.input(confirmPaymentInput).mutation(act(confirmPayment)),
  history: onTenant.query(read(listSuspensions)),
});
