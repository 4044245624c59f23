import { z } from 'zod';
import { auditActions } from '../../domain/audit-actions.ts';
import { pageInput } from '../../domain/pages.ts';
import { authorize } from '../../domain/permissions.ts';
import { openPersonal } from '../../db/audit.ts';
import { AuditEvent } from '../../db/entities/audit.ts';
import { pageOf } from '../../db/pages.ts';
import type { TenantScope } from '../../db/scope.ts';

export const listAuditInput = pageInput.extend({
  actor: z.uuid().optional(),
  action: z.enum(auditActions).optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
});

/** What happened to the tenant, newest first, with personal values opened where they have not been erased. */
export function listAudit(scope: TenantScope, input: z.infer<typeof listAuditInput>) {
  authorize(scope.actor, scope.tenant, 'audit.read');
  const { actor, action, since, until } = input;
  const at = { ...(since ? { $gte: new Date(since) } : {}), ...(until ? { $lt: new Date(until) } : {}) };
  const where = {
    tenantId: scope.tenant.id,
    ...(actor ? { actorId: actor } : {}),
    ...(action ? { action } : {}),
    ...(since || until ? { at } : {}),
  };
  return pageOf({
    page: input,
    find: (newestFirst, after) => scope.em.find(AuditEvent, { ...where, ...after }, newestFirst),
    describe: async ({ details: { tenantTime = null, ...details }, ...event }) => ({
      id: event.id,
      at: event.at.toISOString(),
      action: event.action,
      actor: { kind: event.actorKind, id: event.actorId },
      target: event.targetKind ? { kind: event.targetKind, id: event.targetId } : null,
      requestId: event.requestId,
      /** Of a sandbox tenant whose clock runs ahead: when it was for the tenant. */
      tenantTime: typeof tenantTime === 'string' ? tenantTime : null,
      details,
      personal: await openPersonal(scope, event),
    }),
  });
}
