import { requestApproval } from '../../actions/operations/approvals.ts';
import { isApprovable } from '../../domain/approvals.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { ControlScope, Database, TenantScope } from '../../db/scope.ts';

/**
 * Stores what was refused for want of a second person, in a transaction of its own since the refused one is undone,
 * and refuses with the approval's id. Any other error goes on as it is.
 */
export async function storeApproval(
  db: Database,
  { actor, now, origin, ownerId: tenantId }: TenantScope | ControlScope,
  { input, error }: { input: unknown; error: unknown },
): Promise<never> {
  if (!(error instanceof Refusal) || error.reason !== 'APPROVAL_REQUIRED') throw error;
  const { action } = error.data;
  if (typeof action !== 'string' || !isApprovable(action) || 'approvalId' in error.data) throw error;
  const asked = await db.asControlPlane({ actor, now, origin }, (scope) =>
    requestApproval(scope, { tenantId, action, input }),
  );
  throw new Refusal('APPROVAL_REQUIRED', error.message, { ...error.data, ...asked });
}
