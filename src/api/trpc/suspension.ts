import { confirmPayment, confirmPaymentInput } from '../../actions/suspension/payment-promise.ts';
import { reinstateTenant, reinstateTenantInput } from '../../actions/suspension/reinstatement.ts';
import { listSuspensions, suspendTenant, suspendTenantInput } from '../../actions/suspension/suspension.ts';
import { router } from './base.ts';
import { actLifecycle } from './previewing.ts';
import { onTenant, read } from './procedures.ts';

export const suspension = router({
  suspend: onTenant.input(suspendTenantInput).mutation(actLifecycle(suspendTenant)),
  reinstate: onTenant.input(reinstateTenantInput).mutation(actLifecycle(reinstateTenant)),
  confirmPayment: onTenant.input(confirmPaymentInput).mutation(actLifecycle(confirmPayment)),
  history: onTenant.query(read(listSuspensions)),
});
