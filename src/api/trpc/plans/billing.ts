import { getBilling } from '../../../actions/billing/billing-account.ts';
import {
  recordFailure,
  recordFailureInput,
  recordPayment,
  recordPaymentInput,
} from '../../../actions/billing/payments.ts';
import { router } from '../base.ts';
import { actLifecycle } from '../previewing.ts';
import { onTenant, read } from '../procedures.ts';

export const billing = router({
  get: onTenant.query(read(getBilling)),
  recordPayment: onTenant.input(recordPaymentInput).mutation(actLifecycle(recordPayment)),
  recordFailure: onTenant.input(recordFailureInput).mutation(actLifecycle(recordFailure)),
});
