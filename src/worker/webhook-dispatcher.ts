import { setTimeout as delay } from 'node:timers/promises';
import type { OwnerScope } from '../actions/webhooks/endpoint-owner.ts';
import {
  claimDeliveries,
  type ClaimedDelivery,
  dropDelivery,
  readClaimed,
  settleDelivery,
} from '../actions/webhooks/webhook-queue.ts';
import type { Database } from '../db/scope.ts';
import type { Log } from '../infra/log.ts';
import type { WebhookSender } from '../infra/webhooks/webhook-sender.ts';
import { entryOfJob } from './entry.ts';
import { type Rounds, startRounds } from './rounds.ts';
import { isLostTenant } from './lost-tenant.ts';

export type DispatcherParts = { db: Database; sender: WebhookSender; log: Log };

const pollMilliseconds = 1000;
const flightsAtOnce = 16;
/** So many to one endpoint, so that a slow one leaves room for others. */
const perEndpoint = 8;
/** What lands within this time is followed by one look for more. */
const settlingMilliseconds = 5;
/** Much longer than sending takes. */
const leaseSeconds = 60;
const sendSeconds = 15;

/**
 * Sends what is due to endpoints, beside any number of other workers: of one tenant to one endpoint one after the other
 * in order, all else side by side. What a worker had claimed when it died is sent again when its lease has run out.
 */
export function createDispatcher({ db, sender, log }: DispatcherParts) {
  const flights = new Map<ClaimedDelivery, Promise<void>>();
  let stopped = false;

  async function launchDue(): Promise<number> {
    const limit = flightsAtOnce - flights.size;
    if (limit === 0 || stopped) return 0;
    const claiming = { limit, perEndpoint, leaseSeconds, busy: busyEndpoints([...flights.keys()]) };
    const claimed = await db.asControlPlane(entryOfJob('webhooks'), (scope) =>
      claimDeliveries(scope, claiming),
    );
    for (const delivery of claimed) {
      const flight = deliver({ db, sender, log }, delivery).finally(() => flights.delete(delivery));
      flights.set(delivery, flight);
    }
    return claimed.length;
  }

  return {
    /** Sends until nothing is due any more, or it is stopped. */
    async drain(): Promise<void> {
      for (;;) {
        const before = flights.size;
        const launched = await launchDue();
        // What landed while we looked may have kept more of its endpoint from being found.
        if (before + launched === 0) return;
        if (flights.size === 0) continue;
        await Promise.race([...flights.values(), delay(pollMilliseconds, null, { ref: false })]);
        await delay(settlingMilliseconds);
      }
    },
    /** From now on nothing new is sent. */
    stop: () => {
      stopped = true;
    },
  };
}

/** Looks once a second for what is due. */
export function startDispatcher(parts: DispatcherParts): Rounds {
  const dispatcher = createDispatcher(parts);
  const rounds = startRounds(() => dispatcher.drain(), {
    pauseMilliseconds: pollMilliseconds,
    onFailure: (error) => parts.log.error({ err: error }, 'webhooks could not be looked for'),
  });
  return {
    async stop() {
      dispatcher.stop();
      await rounds.stop();
      // A round that failed has left behind what it was sending.
      await dispatcher.drain();
    },
  };
}

async function deliver({ db, sender, log }: DispatcherParts, claimed: ClaimedDelivery): Promise<void> {
  try {
    const message = await inOwnersScope(db, claimed, (scope) => readClaimed(scope, claimed));
    if (!message) return await inOwnersScope(db, claimed, (scope) => dropDelivery(scope, claimed));
    const at = new Date();
    // Of a claim that has nearly run out another worker may soon take over.
    if (at.getTime() + sendSeconds * 1000 > claimed.leasedUntil.getTime()) return;
    const outcome = await sender.send({ ...message, at });
    const settled = { ...outcome, chance: Math.random() };
    await inOwnersScope(db, claimed, (scope) => settleDelivery(scope, claimed, settled));
  } catch (error) {
    // Its tenant is being purged, and its deliveries with it.
    if (isLostTenant(error)) return;
    const { tenantId, id } = claimed;
    log.error({ err: error, tenantId, delivery: id }, 'a webhook could not be settled and is sent again');
  }
}

/** The scope of whoever has the endpoint: its tenant's, or the control plane for the operator's. */
function inOwnersScope<T>(
  db: Database,
  { tenantId, owner, id }: ClaimedDelivery,
  work: (scope: OwnerScope) => Promise<T>,
): Promise<T> {
  const entry = entryOfJob(`webhook:${id}`);
  return owner === 'tenant' ? db.inTenant({ ...entry, tenantId }, work) : db.asControlPlane(entry, work);
}

function busyEndpoints(flights: readonly ClaimedDelivery[]): string[] {
  const counts = Map.groupBy(flights, ({ endpointId }) => endpointId);
  return [...counts].filter(([, theirs]) => theirs.length >= perEndpoint).map(([id]) => id);
}
