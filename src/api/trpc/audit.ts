import { listAudit, listAuditInput } from '../../actions/operations/audit-trail.ts';
import { onTenant, read, router } from './procedures.ts';

export const audit = router({
  list: onTenant.input(listAuditInput.prefault({})).query(read(listAudit)),
});
