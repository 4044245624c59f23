import { suspensionPriority } from '../../domain/lifecycle/suspensions.ts';
import type { Suspension } from '../../db/entities/work.ts';

/** A suspension as callers see it. */
export function describeSuspension(suspension: Suspension) {
  return {
    id: suspension.id,
    trigger: suspension.trigger,
    priority: suspensionPriority(suspension.trigger),
    mode: suspension.mode,
    note: suspension.note,
    invoice: suspension.invoice ?? null,
    notify: suspension.notify,
    startsAt: suspension.startsAt.toISOString(),
    startedAt: suspension.startedAt?.toISOString() ?? null,
    endsAt: suspension.endsAt?.toISOString() ?? null,
    raisedAt: suspension.raisedAt.toISOString(),
    raisedBy: { kind: suspension.raisedByKind, id: suspension.raisedById ?? null },
    liftedAt: suspension.liftedAt?.toISOString() ?? null,
    liftedBy: suspension.liftedByKind
      ? { kind: suspension.liftedByKind, id: suspension.liftedById ?? null }
      : null,
    liftNote: suspension.liftNote ?? null,
    resolution: suspension.resolution ?? null,
    promisedUntil: suspension.promisedUntil?.toISOString() ?? null,
    promiseKeptAt: suspension.promiseKeptAt?.toISOString() ?? null,
    promiseBrokenAt: suspension.promiseBrokenAt?.toISOString() ?? null,
  };
}
