import {
  type AnsweredRequest,
  type NotedRequest,
  placeInLog,
  writeRequests,
} from '../../src/actions/connections/provisioning-log.ts';
import type { Database } from '../../src/db/scope.ts';
import type { Log } from '../../src/infra/log.ts';

export type RequestLog = {
  /** Notes an answered request, to be written soon. Costs the request nothing, and never fails. */
  note: (request: AnsweredRequest) => void;
  /** Writes what waits. */
  close: () => Promise<void>;
};

const pauseMilliseconds = 250;
/** After a failure: the database is given time. */
const longPauseMilliseconds = 1000;
/** How many requests wait at most; what comes on top is lost. */
const mostWaiting = 20_000;
/** How many of them may have come without a token that is known. */
const mostStrangers = 1000;
const mostTogether = 1000;
/** How often a request is tried to be written. */
const mostTries = 20;

type Waiting = { request: NotedRequest; tries: number };

/** Writes the provisioning log: in groups, beside the requests' own transactions, since refused ones roll back. */
export function createRequestLog({
  db,
  log,
}: {
  db: Pick<Database, 'glance' | 'ports'>;
  log: Log;
}): RequestLog {
  let waiting: Waiting[] = [];
  let strangers = 0;
  let lost = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<boolean> | undefined;

  /** Writes what waits; whether all was written that can be now. */
  async function write(): Promise<boolean> {
    const all = waiting;
    const missed = lost;
    [waiting, strangers, lost] = [[], 0, 0];
    if (missed > 0) log.warn({ requests: missed }, 'requests are missing in the provisioning log');
    let done = true;
    for (let start = 0; start < all.length; start += mostTogether)
      done = (await writeGroup(all.slice(start, start + mostTogether))) && done;
    return done;
  }

  async function writeGroup(group: readonly Waiting[]): Promise<boolean> {
    const requests = group.map(({ request }) => request);
    try {
      const left = new Set(await writeRequests(db, requests, new Date()));
      keep(group.filter(({ request }) => left.has(request)));
      return left.size === 0;
    } catch (error) {
      log.warn({ err: error, requests: group.length }, 'the provisioning log could not be written');
      keep(group);
      return false;
    }
  }

  function keep(group: readonly Waiting[]): void {
    for (const { request, tries } of group) {
      if (tries + 1 >= mostTries || waiting.length >= mostWaiting) lost += 1;
      else waiting.push({ request, tries: tries + 1 });
    }
  }

  function writeSoon(milliseconds: number): void {
    timer ??= setTimeout(() => void writeNow(), milliseconds).unref();
  }

  async function writeNow(): Promise<void> {
    writing = write();
    const done = await writing;
    timer = undefined;
    if (waiting.length > 0) writeSoon(done ? pauseMilliseconds : longPauseMilliseconds);
  }

  return {
    note(request) {
      const isStranger = 'slug' in request.sender;
      if (waiting.length >= mostWaiting || (isStranger && strangers >= mostStrangers)) {
        lost += 1;
        return;
      }
      if (isStranger) strangers += 1;
      waiting.push({ request: placeInLog(request), tries: 0 });
      writeSoon(pauseMilliseconds);
    },
    async close() {
      await writing;
      clearTimeout(timer);
      if (waiting.length > 0) await write();
    },
  };
}
