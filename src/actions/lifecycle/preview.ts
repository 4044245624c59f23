import { createHash } from 'node:crypto';
import { accessMode } from '../../domain/access.ts';
import { accessTable, compareAccess } from '../../domain/access-table.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Tenant } from '../../db/entities/tenant.ts';
import { readWorld, type World } from '../../db/preview/fingerprint.ts';
import type { TenantScope } from '../../db/scope.ts';
import type { Watch } from '../../db/watch.ts';
import { lockTenant } from '../locks.ts';
import type { MailPlaces } from '../notifications/written-mail.ts';
import { writePromisedMails } from '../notifications/promised-mails.ts';

/** What a preview starts from: the tenant as it is, and what its lifecycle depends on. */
export type PreviewBasis = World & { state: ReturnType<typeof describeState> };

/** The call that was previewed, and may be made after it. */
export type PreviewedCall = { procedure: string; input: unknown };

/** Reads what an action is about to change. Called before it, in the same transaction. */
export async function readBasis(scope: TenantScope): Promise<PreviewBasis> {
  const world = await readWorld(scope);
  return { ...world, state: describeState(scope.tenant) };
}

/** What an action has changed, in the transaction that is going to be undone. */
export async function describePreview(
  scope: TenantScope,
  before: PreviewBasis,
  watch: Watch,
  places: MailPlaces,
) {
  const after = await readBasis(scope);
  // What the database checks when a transaction commits, it checks of one that never will.
  await scope.em.execute('set constraints all immediate');
  await scope.em.execute('set constraints all deferred');
  return {
    state: { before: wordsOf(before.state), after: wordsOf(after.state) },
    access: compareAccess(before.state.access, after.state.access),
    approvalNeeded: watch.approvalNeeded,
    sessionsEnded: before.sessions - after.sessions,
    mails: await writePromisedMails(scope, watch.jobs, places),
    deadlines: compareDeadlines(before.deadlines, after.deadlines),
    webhooks: watch.webhooks,
    events: watch.events.map(({ action, details }) => ({ action, details })),
  };
}
export type Preview = Awaited<ReturnType<typeof describePreview>>;

/** What a preview stands for: the procedure, its exact input, and the world in which it was computed. */
export function previewToken({ procedure, input }: PreviewedCall, { fingerprint }: World): string {
  const text = canonicalJson({ procedure, input: withoutCallOptions(input), fingerprint });
  return createHash('sha256').update(text).digest('hex');
}

/** Refuses with `CONFLICT` what was previewed for another input, or in a world that has moved since. */
export async function requireSameWorld(
  scope: TenantScope,
  { previewToken: token, ...call }: PreviewedCall & { previewToken: string },
): Promise<void> {
  // Locked, so that it does not move between here and the action.
  await lockTenant(scope);
  if (previewToken(call, await readWorld(scope)) === token) return;
  throw new Refusal(
    'CONFLICT',
    'the preview was of another input, or something has changed since: preview again',
  );
}

/** The input itself, without what says how the call is made. */
function withoutCallOptions(input: unknown): unknown {
  if (input === null || typeof input !== 'object') return input ?? {};
  const options = new Set(['preview', 'previewToken', 'idempotencyKey']);
  return Object.fromEntries(Object.entries(input).filter(([name]) => !options.has(name)));
}

function describeState(tenant: Tenant) {
  const { status, plan, planVersion, planOverrides, suspensionMode, statusBefore } = tenant;
  const state = { status, suspensionMode: suspensionMode ?? null, statusBefore: statusBefore ?? null };
  return {
    status,
    plan,
    accessMode: accessMode(state),
    access: accessTable({ ...state, plan, planVersion, planOverrides }),
  };
}

function wordsOf({ status, plan, accessMode: mode }: PreviewBasis['state']) {
  return { status, plan, accessMode: mode };
}

/** Which deadlines an action set (or moved) and cleared. */
function compareDeadlines(before: World['deadlines'], after: World['deadlines']) {
  const had = new Set(before.map((deadline) => canonicalJson(deadline)));
  const stays = new Set(after.map(nameOf));
  return {
    set: after.filter((deadline) => !had.has(canonicalJson(deadline))),
    cleared: before.filter((deadline) => !stays.has(nameOf(deadline))),
  };
}

function nameOf({ kind, subject }: World['deadlines'][number]): string {
  return `${kind} ${subject}`;
}
