import { setTimeout as delay } from 'node:timers/promises';
import { certifyPurge } from '../actions/purge/certification.ts';
import {
  countLeft,
  deleteBatch,
  deleteJobs,
  deleteTenant,
  listTables,
  noteKeyDestroyed,
  type Progress,
} from '../actions/purge/purge.ts';
import { deletePeople, listLeavers } from '../actions/purge/purge-people.ts';
import type { Database, PurgeScope } from '../db/scope.ts';
import type { Mailer } from '../infra/mailer.ts';
import { entryOfJob } from './entry.ts';

export type PurgeParts = { db: Database; mailer: Mailer; backupRetentionDays: number };

/** One worker's turn at the purge of one tenant. */
type Turn = PurgeParts & {
  tenantId: string;
  /** Asked before each transaction: whether this worker may go on. */
  goesOn: () => boolean;
};

type Step = (turn: Turn) => Promise<Progress>;

/** So long the database belongs to others after each batch. */
const pauseMilliseconds = 5;

// Each is harmless when it was done before, so that any worker goes on from anywhere: a turn begins with the first.
const steps: readonly Step[] = [
  destroyKey,
  deleteOutside,
  (turn) => inPurge(turn, deleteJobs),
  deleteEverybody,
  deleteEverything,
  (turn) => inPurge(turn, deleteTenant),
  certify,
];

/**
 * Goes on with the purge of a tenant, step by step, from wherever it was left. Any number of workers may: one at a
 * time gets through, the others leave. `done` is certified.
 */
export async function takeTurn(turn: Turn): Promise<Progress> {
  for (const step of steps) {
    if (!turn.goesOn()) return 'more';
    const progress = await step(turn);
    if (progress !== 'done') return progress;
  }
  return 'done';
}

function inPurge<T>({ db, tenantId }: Turn, work: (scope: PurgeScope) => Promise<T>): Promise<T> {
  return db.inPurge(tenantId, new Date(), work);
}

/** First of all: what the key sealed is unreadable from here on, and nothing new is stored. */
async function destroyKey(turn: Turn): Promise<Progress> {
  const { db, mailer, tenantId } = turn;
  await db.ports.tenantKeys.destroy(tenantId);
  const { files, bytes } = await db.ports.files.measure(tenantId);
  const mails = await mailer.count(tenantId);
  return inPurge(turn, (scope) => noteKeyDestroyed(scope, { files, bytes, mails }));
}

async function deleteOutside({ db, mailer, tenantId }: Turn): Promise<Progress> {
  await db.ports.files.deleteAll(tenantId);
  await mailer.forget(tenantId);
  return 'done';
}

async function deleteEverybody({ db, mailer, tenantId, goesOn }: Turn): Promise<Progress> {
  while (goesOn()) {
    const entry = entryOfJob(`purge:${tenantId}`);
    const leavers = await db.asControlPlane(entry, (scope) => listLeavers(scope, tenantId));
    if (leavers.length === 0) return 'done';
    for (const personId of leavers) await mailer.forget(personId);
    const progress = await db.asControlPlane(entry, (scope) => deletePeople(scope, tenantId, leavers));
    if (progress === 'busy') return 'busy';
  }
  return 'more';
}

async function deleteEverything(turn: Turn): Promise<Progress> {
  for (const table of await inPurge(turn, (scope) => Promise.resolve(listTables(scope)))) {
    let progress: Progress = 'more';
    while (progress === 'more') {
      if (!turn.goesOn()) return 'more';
      progress = await inPurge(turn, (scope) => deleteBatch(scope, table));
      if (progress === 'more') await delay(pauseMilliseconds);
    }
    if (progress === 'busy') return 'busy';
  }
  return 'done';
}

/** Counts once more, from outside, and has the certificate signed if nothing is left; else the next turn deletes it. */
async function certify(turn: Turn): Promise<Progress> {
  const { db, mailer, tenantId, backupRetentionDays } = turn;
  const counted = {
    ...(await inPurge(turn, countLeft)),
    ...(await db.ports.files.measure(tenantId)),
    mails: await mailer.count(tenantId),
  };
  const { rows, files, jobs, mails } = counted;
  if (Object.keys(rows).length + files + jobs + mails > 0) return 'more';
  return db.asControlPlane(entryOfJob(`purge:${tenantId}`), (scope) =>
    certifyPurge(scope, tenantId, { counted, backupRetentionDays }),
  );
}
