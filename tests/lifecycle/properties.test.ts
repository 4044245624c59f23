import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { WebhookEndpoint } from '../../src/db/entities/webhook.ts';
import { newId } from '../../src/db/ids.ts';
import { noTenant } from '../../src/db/policies.ts';
import { Refusal } from '../../src/domain/refusal.ts';
import { sweepDeadlines } from '../../src/worker/sweep.ts';
import { theOwner } from '../api/people.ts';
import { aTenant, openWorld, type TestTenant } from '../support/world.ts';
import { contradictionsIn, readLife } from './invariants.ts';
import { type Deed, life } from './random-lives.ts';

// No worker runs but the sweeps of the test.
const world = await openWorld({ env: { ROLE: 'web' } });
const lives = process.env['LONG'] ? 500 : 12;

// The operator listens to everything that happens; nothing is delivered here.
await world.db.asControlPlane(world.entry({ kind: 'system' }), async ({ em, ports, now }) => {
  const secretSealed = ports.master.seal('secret', 'webhook');
  em.create(WebhookEndpoint, {
    tenantId: noTenant,
    id: newId(),
    url: 'https://listens.example',
    secretSealed,
    createdAt: now,
  });
});

const failures: unknown[] = [];
const sweep = () => sweepDeadlines(world.db, (_, error) => failures.push(error));

/** Does it; a refusal is an answer like any other, anything else a failure of the test. */
async function tryDeed(tenant: TestTenant, { actor, run }: Deed): Promise<string> {
  try {
    await world.inTenant(tenant.id, run, actor);
    return 'done';
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}

test(
  `${lives} random lives, two deeds at a time by random actors: after each the tenant’s state, history, deadlines, mails and events agree`,
  { timeout: 600_000 },
  async () => {
    let done = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('free', 'professional', 'enterprise'), life, async (plan, deeds) => {
        const tenant = await aTenant(world, { plan, sandbox: true });
        await theOwner(world, tenant);
        for (const pair of deeds) {
          const answers = await Promise.all(pair.map((deed) => tryDeed(tenant, deed)));
          done += answers.filter((answer) => answer === 'done').length;
          await sweep();
          if (answers.every((answer) => answer === 'TENANT_OFFBOARDED')) break;
          const found = await world
            .inTenant(tenant.id, async (scope) => contradictionsIn(await readLife(scope)))
            .catch(goneIsWell);
          expect({ found, after: pair.map(({ what }, index) => `${what}: ${answers[index]}`) }).toMatchObject(
            {
              found: [],
            },
          );
        }
        expect(failures).toEqual([]);
      }),
      { numRuns: lives, endOnFailure: true },
    );
    expect(done).toBeGreaterThan(lives * 3);
  },
);

/** A tenant whose purge was claimed shows nothing any more. */
function goneIsWell(error: unknown): [] {
  if (error instanceof Refusal && error.reason === 'TENANT_OFFBOARDED') return [];
  throw error;
}
