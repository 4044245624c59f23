import { randomBytes } from 'node:crypto';
import { actorId } from '../domain/actors.ts';
import type { AuditAction } from '../domain/audit-actions.ts';
import type { SecretBox } from '../domain/ports.ts';
import { AuditEvent, SubjectKey } from './entities/audit.ts';
import { newId } from './ids.ts';
import type { Scope, TenantScope } from './scope.ts';

export type AuditFacts = {
  target?: { kind: string; id: string };
  /** What changed: neither secrets nor personal values. */
  details?: Record<string, unknown>;
  /** Personal values, by the user they are about. */
  personal?: { subjectId: string; values: Record<string, unknown> };
};

/** Appends one audit event to this transaction: who, from where, what. */
export async function record(
  scope: Scope | TenantScope,
  action: AuditAction,
  facts: AuditFacts = {},
): Promise<void> {
  const { actor, now, origin } = scope;
  const id = newId();
  scope.em.create(AuditEvent, {
    tenantId: scope.ownerId,
    id,
    at: now,
    action,
    actorKind: actor.kind,
    actorId: actorId(actor),
    targetKind: facts.target?.kind ?? null,
    targetId: facts.target?.id ?? null,
    requestId: origin.requestId,
    details: facts.details ?? {},
    personal: await sealPersonal(scope, id, facts.personal),
  });
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

async function sealPersonal(
  scope: Scope | TenantScope,
  eventId: string,
  personal: AuditFacts['personal'],
): Promise<Record<string, string>> {
  const { actor, origin } = scope;
  const about = new Map<string, Record<string, unknown>>();
  if (personal) about.set(personal.subjectId, personal.values);
  // Where somebody was is personal too: under the person's key, or, for an operator, the product's.
  const subjectId = actor.kind === 'user' ? actor.id : (personal?.subjectId ?? 'origin');
  if (origin.ip)
    about.set(subjectId, { ...about.get(subjectId), ip: origin.ip, userAgent: origin.userAgent });
  const sealed: Record<string, string> = {};
  for (const [subject, values] of about) {
    const box = await subjectBox(scope, subject);
    sealed[subject] = box.seal(JSON.stringify(values), eventId);
  }
  return sealed;
}

async function subjectBox(scope: Scope | TenantScope, subjectId: string): Promise<SecretBox> {
  if (!('key' in scope)) return scope.ports.master;
  if (subjectId === 'origin') return scope.key;
  const known = await findSubjectBox(scope, subjectId);
  if (known) return known;
  const bytes = randomBytes(32);
  scope.em.create(SubjectKey, {
    tenantId: scope.ownerId,
    subjectId,
    keySealed: scope.key.seal(bytes, `subject:${subjectId}`),
  });
  return scope.ports.createBox(bytes);
}

async function findSubjectBox(scope: TenantScope, subjectId: string): Promise<SecretBox | null> {
  if (subjectId === 'origin') return scope.key;
  const row = await scope.em.findOne(SubjectKey, { tenantId: scope.ownerId, subjectId });
  return row && scope.ports.createBox(scope.key.open(row.keySealed, `subject:${subjectId}`));
}
