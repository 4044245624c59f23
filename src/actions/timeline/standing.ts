import { accessMode } from '../../domain/access.ts';
import { whoMayLift } from '../../domain/lifecycle/suspensions.ts';
import { authorize } from '../../domain/permissions.ts';
import { type Audience, audienceOf, type By } from '../../domain/timeline/entries.ts';
import { movesTenant, titleOfDeadline } from '../../domain/timeline/future.ts';
import { sayPresent } from '../../domain/timeline/present.ts';
import { Deadline } from '../../db/entities/control.ts';
import { CustomerRecord } from '../../db/entities/customer.ts';
import { LegalHold, Offboarding } from '../../db/entities/offboarding.ts';
import { Suspension } from '../../db/entities/work.ts';
import type { TenantScope } from '../../db/scope.ts';
import { describeTenant } from '../descriptions.ts';
import { mayLift } from '../suspension/lifting.ts';
import { nameActors, type StoredActor } from './actor-names.ts';

/** One tenant: what it is, why it is so, who may change that, and what comes next by itself. */
export async function getTenant(scope: TenantScope) {
  authorize(scope.actor, scope.tenant, 'tenant.read');
  const standing = await readStanding(scope);
  return { ...describeTenant(scope.tenant), now: scope.tenantNow.toISOString(), ...standing };
}

/** Why a tenant is as it is now, as far as the scope's actor may know. */
export async function readStanding(scope: TenantScope) {
  const { em, tenant } = scope;
  const tenantId = tenant.id;
  const audience = audienceOf(scope.actor);
  const open = await em.find(Suspension, { tenantId, liftedAt: null }, { orderBy: { id: 'asc' } });
  const offboarding = await em.findOne(Offboarding, { tenantId, phase: { $ne: 'cancelled' } });
  const hold = await em.findOne(LegalHold, { tenantId, releasedAt: null });
  const customer = await em.findOne(CustomerRecord, { tenantId });
  const by = await nameActors(scope, actorsOf(open, offboarding, hold));
  const begun = open.filter(({ startedAt }) => startedAt);
  const told = {
    suspensions: begun.map((cause) => describeCause(scope, cause, by)),
    scheduledSuspensions: open
      .filter(({ startedAt }) => !startedAt)
      .map((cause) => describeCause(scope, cause, by)),
    offboarding: offboarding && describeLeave(audience, offboarding, by),
    /** Operators alone know of a legal hold, and who looks after the customer. */
    legalHold: hold && audience === 'operators' ? describeHold(hold, by) : null,
    next: await findNext(scope, audience),
    accountOwner: audience === 'operators' ? (customer?.accountOwner ?? null) : null,
  };
  const why = sayPresent({
    status: tenant.status,
    plan: tenant.plan,
    accessMode: accessMode(tenant),
    causes: told.suspensions,
    scheduled: told.scheduledSuspensions,
    offboarding: told.offboarding,
    onHold: told.legalHold !== null,
    next: told.next,
  });
  return { why, ...told };
}

type Named = (actor: StoredActor) => By;

function describeCause({ actor }: TenantScope, cause: Suspension, by: Named) {
  const audience = audienceOf(actor);
  const { operators, owner, system } = whoMayLift(cause.trigger);
  return {
    id: cause.id,
    trigger: cause.trigger,
    mode: cause.mode,
    note: audience === 'operators' ? cause.note : null,
    startsAt: cause.startsAt.toISOString(),
    since: cause.startedAt?.toISOString() ?? null,
    endsAt: cause.endsAt?.toISOString() ?? null,
    by: by({ kind: cause.raisedByKind, id: cause.raisedById }),
    mayBeLiftedBy: {
      operators: audience === 'operators' ? [...operators] : [],
      owner: owner && cause.raisedByKind === 'user',
      system,
    },
    youMayLift: mayLift(actor, cause),
  };
}

function describeLeave(audience: Audience, offboarding: Offboarding, by: Named) {
  return {
    id: offboarding.id,
    phase: offboarding.phase,
    trigger: offboarding.trigger,
    note: audience === 'operators' ? offboarding.note : null,
    requestedAt: offboarding.requestedAt.toISOString(),
    by: by({ kind: offboarding.requestedByKind, id: offboarding.requestedById }),
    effectiveAt: offboarding.effectiveAt.toISOString(),
    executedAt: offboarding.executedAt?.toISOString() ?? null,
    purgeDueAt: offboarding.purgeDueAt?.toISOString() ?? null,
  };
}

function describeHold(hold: LegalHold, by: Named) {
  return {
    id: hold.id,
    note: hold.note,
    placedAt: hold.placedAt.toISOString(),
    by: by({ kind: hold.placedByKind, id: hold.placedById }),
  };
}

/** What moves the tenant next by itself. */
async function findNext({ em, tenant }: TenantScope, audience: Audience) {
  const coming = await em.find(Deadline, { tenantId: tenant.id }, { orderBy: { dueAt: 'asc', kind: 'asc' } });
  for (const { kind, dueAt } of coming) {
    const title = titleOfDeadline(kind, audience);
    if (title !== null && movesTenant(kind)) return { kind, title, at: dueAt.toISOString() };
  }
  return null;
}

function actorsOf(
  suspensions: readonly Suspension[],
  offboarding: Offboarding | null,
  hold: LegalHold | null,
): StoredActor[] {
  return [
    ...suspensions.map(({ raisedByKind, raisedById }) => ({ kind: raisedByKind, id: raisedById })),
    ...(offboarding ? [{ kind: offboarding.requestedByKind, id: offboarding.requestedById }] : []),
    ...(hold ? [{ kind: hold.placedByKind, id: hold.placedById }] : []),
  ];
}
