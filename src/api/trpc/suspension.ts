import {
  listSuspensions,
  reinstateTenant,
  reinstateTenantInput,
  suspendTenant,
  suspendTenantInput,
} from '../../actions/lifecycle/suspension.ts';
import { act, onTenant, read, router } from './procedures.ts';

export const suspension = router({
  suspend: onTenant.input(suspendTenantInput).mutation(act(suspendTenant)),
  reinstate: onTenant.input(reinstateTenantInput).mutation(act(reinstateTenant)),
  history: onTenant.query(read(listSuspensions)),
});
