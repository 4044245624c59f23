import { confirmPayment, confirmPaymentInput } from '../../actions/suspension/payment-promise.ts';
import { reinstateTenant, reinstateTenantInput } from '../../actions/suspension/reinstatement.ts';
import { listSuspensions, suspendTenant, suspendTenantInput } from '../../actions/suspension/suspension.ts';
import { listTasks, listTasksInput } from '../../actions/suspension/task-queue.ts';
import { completeTask, completeTaskInput } from '../../actions/suspension/tasks.ts';
import { router } from './base.ts';
import { actLifecycle } from './previewing.ts';
import { act, onControlPlane, onTenant, read } from './procedures.ts';

export const suspension = router({
  suspend: onTenant.input(suspendTenantInput).mutation(actLifecycle(suspendTenant)),
  reinstate: onTenant.input(reinstateTenantInput).mutation(actLifecycle(reinstateTenant)),
  confirmPayment: onTenant.input(confirmPaymentInput).mutation(actLifecycle(confirmPayment)),
  history: onTenant.query(read(listSuspensions)),
});

/** The operators' queue. */
export const tasks = router({
  list: onControlPlane.input(listTasksInput.prefault({})).query(read(listTasks)),
  complete: onTenant.input(completeTaskInput).mutation(act(completeTask)),
});
