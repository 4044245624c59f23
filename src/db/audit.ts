import { randomBytes } from 'node:crypto';
import { type Actor, actorId } from '../domain/actors.ts';
import type { AuditAction } from '../domain/audit-actions.ts';
import type { SecretBox } from '../domain/ports.ts';
import { AuditEvent, SubjectKey } from './entities/audit.ts';
import { newId } from './ids.ts';
import { insertTogether } from './insert-together.ts';
import type { Scope, TenantScope } from './scope.ts';

export type AuditFacts = {
  target?: { kind: string; id: string };
  /** What changed: neither secrets nor personal values. */
  details?: Record<string, unknown>;
  /**
   * Personal values and whom they are about, where somebody who has not signed in asks also whose address the
   * request came from; one who is made in this transaction has no key to look for.
   */
  personal?: { subjectId: string; values: Record<string, unknown>; isNew?: boolean };
};

/** Appends one audit event to this transaction: who, from where, what. */
export async function record(
  scope: Scope | TenantScope,
  action: AuditAction,
  facts: AuditFacts = {},
): Promise<void> {
  const { event, keys } = await composeEvent(scope, action, facts);
  scope.watch?.events.push({ action, details: event.details });
  scope.em.create(AuditEvent, event);
  for (const key of keys) scope.em.create(SubjectKey, key);
}

/** How many rows go into one statement. */
const rowsTogether = 1000;

/** Appends many audit events of one kind to this transaction, at once. */
export async function recordMany(
  scope: TenantScope,
  action: AuditAction,
  all: readonly AuditFacts[],
): Promise<void> {
  await scope.em.flush();
  for (let from = 0; from < all.length; from += rowsTogether) {
    const rows = [];
    for (const facts of all.slice(from, from + rowsTogether)) {
      const { event, keys } = await composeEvent(scope, action, facts);
      scope.watch?.events.push({ action, details: event.details });
      for (const key of keys) scope.em.create(SubjectKey, key);
      rows.push(event);
    }
    await insertTogether(scope.em, [{ entity: AuditEvent, rows }]);
  }
}

/** One audit event, and the keys that its personal values needed and that are to be stored with it. */
export async function composeEvent(scope: Scope | TenantScope, action: AuditAction, facts: AuditFacts) {
  const { actor, now, origin } = scope;
  const id = newId();
  const { sealed, keys } = await sealPersonal(scope, id, facts);
  const event = {
    tenantId: scope.ownerId,
    id,
    at: now,
    action,
    actorKind: actor.kind,
    actorId: actorId(actor),
    targetKind: facts.target?.kind ?? null,
    targetId: facts.target?.id ?? null,
    requestId: origin.requestId,
    details: { ...facts.details, ...approvalOf(actor), ...tenantTimeOf(scope) },
    personal: sealed,
  };
  return { event, keys };
}

/** Both names stand in the audit trail: who asked acts, and who approved is said beside it. */
function approvalOf(actor: Actor): Record<string, unknown> {
  return 'approval' in actor && actor.approval ? { approval: actor.approval } : {};
}

/** When it was for a sandbox tenant whose clock runs ahead; `at` is always real time. */
function tenantTimeOf(scope: Scope | TenantScope): { tenantTime?: string } {
  if (!('tenantNow' in scope) || scope.tenantNow.getTime() === scope.now.getTime()) return {};
  return { tenantTime: scope.tenantNow.toISOString() };
}

/** Personal values of an event, opened; what an erasure has made unreadable is `null`. */
export async function openPersonal(
  scope: TenantScope,
  event: { id: string; personal: Record<string, string> },
): Promise<Record<string, unknown>> {
  const opened = await Promise.all(
    Object.entries(event.personal).map(async ([subjectId, sealed]) => {
      const box = await findSubjectBox(scope, subjectId);
      const values: unknown = box && JSON.parse(box.openText(sealed, event.id));
      return [subjectId, values] as const;
    }),
  );
  return Object.fromEntries(opened);
}

async function sealPersonal(scope: Scope | TenantScope, eventId: string, facts: AuditFacts) {
  const { actor, origin } = scope;
  const { personal } = facts;
  const about = new Map<string, Record<string, unknown>>();
  if (personal && Object.keys(personal.values).length > 0) about.set(personal.subjectId, personal.values);
  if (origin.ip) {
    const subjectId = whoWasThere(actor, facts);
    about.set(subjectId, { ...about.get(subjectId), ip: origin.ip, userAgent: origin.userAgent });
  }
  const sealed: Record<string, string> = {};
  const keys: { tenantId: string; subjectId: string; keySealed: string }[] = [];
  for (const [subjectId, values] of about) {
    const isNew = personal?.isNew === true && subjectId === personal.subjectId;
    const { box, key } = await subjectBox(scope, subjectId, isNew);
    sealed[subjectId] = box.seal(JSON.stringify(values), eventId);
    if (key) keys.push(key);
  }
  return { sealed, keys };
}

/** Whose personal value the address of a request is: the person's who asks, else the product's own to know. */
function whoWasThere(actor: Actor, { personal, target }: AuditFacts): string {
  if (actor.kind === 'user') return actor.id;
  // Who signs in, registers or accepts is not known yet when the request begins.
  if (actor.kind !== 'anonymous' && actor.kind !== 'sso') return 'origin';
  return personal?.subjectId ?? (target?.kind === 'user' ? target.id : 'origin');
}

async function subjectBox(scope: Scope | TenantScope, subjectId: string, isNew: boolean) {
  if (!('key' in scope)) return { box: scope.ports.master };
  const known = isNew ? null : await findSubjectBox(scope, subjectId);
  if (known) return { box: known };
  const bytes = randomBytes(32);
  const keySealed = scope.key.seal(bytes, `subject:${subjectId}`);
  return { box: scope.ports.createBox(bytes), key: { tenantId: scope.ownerId, subjectId, keySealed } };
}

async function findSubjectBox(scope: TenantScope, subjectId: string): Promise<SecretBox | null> {
  if (subjectId === 'origin') return scope.key;
  const row = await scope.em.findOne(SubjectKey, { tenantId: scope.ownerId, subjectId });
  return row && scope.ports.createBox(scope.key.open(row.keySealed, `subject:${subjectId}`));
}
