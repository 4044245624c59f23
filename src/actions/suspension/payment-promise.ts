import { z } from 'zod';
import { line } from '../../domain/names.ts';
import { authorize } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { clearDeadline } from '../../db/deadlines.ts';
import { Suspension } from '../../db/entities/work.ts';
import type { TenantScope } from '../../db/scope.ts';
import { lockTenant } from '../locks.ts';
import { findOpen, requireMayLift } from './lifting.ts';
import { describeSuspension } from './suspension-description.ts';
import { raiseSuspension } from './suspension.ts';

export const confirmPaymentInput = z.object({ suspensionId: z.uuid(), note: line(2000) });

/** Notes that a payment that was promised has come: the tenant is not suspended again. */
export async function confirmPayment(scope: TenantScope, input: z.infer<typeof confirmPaymentInput>) {
  authorize(scope.actor, scope.tenant, 'suspension.steer');
  await lockTenant(scope);
  const suspension = await findPromise(scope, input.suspensionId);
  if (!suspension) throw new Refusal('NOT_FOUND', 'no suspension was lifted on such a promise');
  requireMayLift(scope.actor, suspension);
  if (suspension.promiseKeptAt) return describeSuspension(suspension);
  if (suspension.promiseBrokenAt) {
    throw new Refusal(
      'CONFLICT',
      'the promised day has passed and the tenant is suspended again: reinstate it with the resolution paid',
    );
  }
  suspension.promiseKeptAt = scope.now;
  await clearDeadline(scope, 'payment_promise', suspension.id);
  await record(scope, 'suspension.promise_kept', {
    target: { kind: 'suspension', id: suspension.id },
    details: { note: input.note },
  });
  return describeSuspension(suspension);
}

/** The day that was promised has come without the payment: the tenant is suspended as it was before. */
export async function resumeAfterPromise(scope: TenantScope, id: string): Promise<void> {
  const broken = await findPromise(scope, id);
  if (!broken || broken.promiseKeptAt || scope.tenant.status === 'offboarded') return;
  broken.promiseBrokenAt = scope.now;
  const { trigger, mode, invoice, notify } = broken;
  const open = await findOpen(scope);
  if (invoice && open.some((other) => other.invoice === invoice && other.startedAt)) return;
  await raiseSuspension(scope, {
    trigger,
    mode,
    notify,
    note: `the payment that was promised has not come: ${firstNote(broken)}`.slice(0, 2000),
    ...(invoice ? { invoice } : {}),
  });
}

function findPromise({ em, tenant }: TenantScope, id: string): Promise<Suspension | null> {
  const promised = { tenantId: tenant.id, id, resolution: 'payment_promised' as const };
  return em.findOne(Suspension, promised, { refresh: true });
}

/** Why it was suspended in the first place, however many promises were broken since. */
function firstNote({ note }: Suspension): string {
  return note.replace(/^(?:the payment that was promised has not come: )+/, '');
}
