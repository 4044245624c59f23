import { expect, test } from 'vitest';
import { countUsed } from '../../../src/actions/plans/counting.ts';
import { budgetKey } from '../../../src/db/calls/budget-table.ts';
import { scimCalls } from '../../../src/domain/plans/api-calls.ts';
import { createScimClient, patchBody } from '../../support/scim-client.ts';
import { aScimToken, aTenant, openWorld } from '../../support/world.ts';
import { aDirectory, aProvisionedUser } from '../directory.ts';
import { expectError } from '../expected-error.ts';
import { creation, sendBulk } from './bulk-body.ts';

const world = await openWorld();

function patch(id: string, path: string, value: string) {
  return { method: 'PATCH', path: `/Users/${id}`, data: patchBody({ op: 'Replace', path, value }) };
}

test.each(['read_only', 'blocked'] as const)(
  'the directory of a tenant suspended %s takes access away by a bulk request, and can do no more',
  async (mode) => {
    const directory = await aDirectory(world);
    const [off, removed, stays] = [
      await aProvisionedUser(directory),
      await aProvisionedUser(directory),
      await aProvisionedUser(directory),
    ];
    const tenantId = directory.tenant.id;
    const why = { trigger: 'security_incident', mode, note: 'for a test' } as const;
    await world.operator.suspension.suspend.mutate({ tenantId, ...why });

    const { statuses } = await sendBulk(directory, [
      patch(off, 'active', 'False'),
      creation('a'),
      patch(stays, 'title', 'x'),
      { method: 'DELETE', path: `/Users/${removed}` },
      patch(off, 'active', 'True'),
    ]);

    expect(statuses).toEqual(['200', '403', '403', '204', '403']);
    expect((await directory.entra.getUser(off)).body.active).toBe(false);
    expect((await directory.entra.getUser(stays)).headers.get('etag')).toBe('W/"1"');
  },
);

test('the seats of a plan end in the middle of a bulk request: who has none is 403, and says of what', async () => {
  const directory = await aDirectory(world);
  const { id } = directory.tenant;
  await world.inTenant(id, async (scope) => {
    scope.tenant.limitUsers = (await countUsed(scope, 'users')) + 1;
  });

  const { done, statuses } = await sendBulk(directory, [creation('a'), creation('b')]);

  expect(statuses).toEqual(['201', '403']);
  expect(done[1]?.response?.detail).toMatch(/user/);
});

test('nobody but the directory itself is reached: the token of another tenant is 401, its people 404', async () => {
  const [ours, theirs] = [await aDirectory(world), await aDirectory(world)];
  const id = await aProvisionedUser(theirs);
  const removal = [{ method: 'DELETE', path: `/Users/${id}` }];

  const { statuses } = await sendBulk(ours, removal);
  const headers = { authorization: `Bearer ${theirs.token}` };
  const answer = await ours.send('POST', '/Bulk', { body: { Operations: removal }, headers });

  expect(statuses).toEqual(['404']);
  expectError(answer, 401);
  expect((await theirs.entra.getUser(id)).status).toBe(200);
});

test('each operation is a call of the budget, and what does not fit is 429 with nothing done', async () => {
  const tenant = await aTenant(world);
  const { token } = await aScimToken(world, tenant);
  const client = createScimClient({ baseUrl: `${world.url}/scim/v2/${tenant.slug}`, token, fetch });
  const removal = { method: 'DELETE', path: `/Users/${crypto.randomUUID()}` };
  const take = (calls: number) =>
    world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
      em.execute(`select take_api_calls(?, ?::int, ?::int, 1)`, [
        budgetKey('scim', tenant.id),
        scimCalls,
        calls,
      ]),
    );
  await take(scimCalls - 15);

  const fits = await sendBulk(
    client,
    Array.from({ length: 10 }, () => removal),
  );
  const tooMany = await sendBulk(client, [creation('a'), ...Array.from({ length: 9 }, () => removal)]);

  expect([fits.answer.status, fits.answer.headers.get('ratelimit')]).toEqual([
    200,
    expect.stringContaining(';r=5;'),
  ]);
  expectError(tooMany.answer, 429);
  expect(tooMany.answer.headers.get('retry-after')).toMatch(/^\d+$/);
});

test('a tenant that is suspended in the middle of a bulk request does from then on what it may', async () => {
  let opened = 0;
  const { tenant, ...directory } = await aDirectory({
    ...world,
    db: {
      ...world.db,
      async inTenant(entry, work) {
        if (entry.actor.kind === 'scim' && ++opened === 3) {
          const why = { trigger: 'security_incident', mode: 'read_only', note: 'for a test' } as const;
          await world.operator.suspension.suspend.mutate({ tenantId: tenant.id, ...why });
        }
        return world.db.inTenant(entry, work);
      },
    },
  });

  const { statuses } = await sendBulk(directory, [
    creation('a'),
    creation('b'),
    { method: 'DELETE', path: '/Users/bulkId:a' },
  ]);

  expect(statuses).toEqual(['201', '403', '204']);
});
