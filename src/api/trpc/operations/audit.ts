import { listAudit, listAuditInput } from '../../../actions/operations/audit-trail.ts';
import { router } from '../base.ts';
import { onTenant, read } from '../procedures.ts';

export const audit = router({
  list: onTenant.input(listAuditInput.prefault({})).query(read(listAudit)),
});
