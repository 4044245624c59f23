import { describe, expect, test } from 'vitest';
import { availabilityOf } from '../../src/domain/plans/availability.ts';
import { refusalOf } from '../api/answers.ts';
import { theOwner } from '../api/people.ts';
import { aPartnership } from '../sso/partnership.ts';
import { createEntraClient } from '../support/scim-client.ts';
import { aScimToken, aTenant, openWorld } from '../support/world.ts';
import { addUsers, anEmail } from './crowd.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const { plans, connections, projects } = world.operator;

const GB = 1_000_000_000;

/** The rows of the manual's table 5.3 that the other files of this folder do not look at plan by plan. */
const table = [
  { plan: 'free', users: 5, storage: GB / 10, connects: false, sla: null },
  { plan: 'starter', users: 20, storage: GB, connects: false, sla: 99 },
  { plan: 'professional', users: 100, storage: 10 * GB, connects: false, sla: 99.5 },
  { plan: 'enterprise', users: null, storage: 1_000 * GB, connects: true, sla: 99.9 },
] as const;

describe.each(table)('the $plan plan', ({ plan, users, storage, connects, sla }) => {
  test('stores so many bytes and not one more, by REST', async () => {
    const { id: tenantId, ...tenant } = await aTenant(world, { plan });
    const { accessToken } = await theOwner(world, { id: tenantId, ...tenant });
    const { id: projectId } = await projects.create.mutate({ tenantId, name: 'P' });
    await world.inTenant(tenantId, ({ em }) =>
      em.execute(
        `insert into project_files (tenant_id, id, project_id, name, bytes, sha256, content_type, key_sealed,
           created_at, updated_at, by_kind)
         values (?, gen_random_uuid(), ?, 'large', ?, '', 'text/plain', '', now(), now(), 'system')`,
        [tenantId, projectId, storage - 2],
      ),
    );
    const put = (name: string) =>
      world.send(`/api/projects/${projectId}/files/${name}`, { method: 'PUT', raw: 'x', token: accessToken });

    const answers = [await put('below'), await put('at'), await put('above')];

    expect(answers.map(({ status }) => status)).toEqual([201, 201, 403]);
    expect(answers[2]?.body).toMatchObject({
      reason: 'PLAN_LIMIT_REACHED',
      limit: 'storageBytes',
      allowed: storage,
      used: storage,
    });
  });

  test('has so many users and not one more, by SCIM', async () => {
    const tenant = await aTenant(world, { plan });
    const tenantId = tenant.id;
    await plans.setOverrides.mutate({ tenantId, features: { scim: true }, note: 'a directory' });
    const { token, baseUrl } = await aScimToken(world, tenant);
    // The owner's open invitation counts.
    await world.inTenant(tenantId, (scope) => addUsers(scope, (users ?? 250) - 3));
    const scim = createEntraClient({ baseUrl, token, fetch });
    const create = async () => {
      const email = anEmail();
      const person = { userName: email, externalId: email, givenName: 'C', familyName: 'D', email };
      return (await scim.createUser(person)).status;
    };

    const answers = [await create(), await create(), await create()];

    expect(answers).toEqual([201, 201, users === null ? 201 : 403]);
  });

  test(`${connects ? 'has' : 'is without'} SSO and SCIM, by tRPC, SCIM and REST, but what is agreed beside it`, async () => {
    const tenant = await aTenant(world, { plan });
    const tenantId = tenant.id;
    const agree = (features: object) => plans.setOverrides.mutate({ tenantId, features, note: 'agreed' });
    await agree({ sso: true, scim: true });
    const { token, baseUrl } = await aScimToken(world, tenant);
    const { connection } = await aPartnership(world, { tenant });
    const reach = async () => [
      (await fetch(`${baseUrl}/Users`, { headers: { authorization: `Bearer ${token}` } })).status,
      (await fetch(connection.loginUrl, { redirect: 'manual' })).status,
    ];
    expect(await reach()).toEqual([200, 302]);

    await agree({});

    expect(await reach()).toEqual(connects ? [200, 302] : [403, 403]);
    const made = connections.scim.createToken.mutate({ tenantId, label: 'another' });
    if (connects) expect(await made).toMatchObject({ baseUrl });
    else expect(await refusalOf(made)).toMatchObject({ reason: 'PLAN_FEATURE_REQUIRED', feature: 'scim' });
  });

  test('promises its availability, and keeps the promise to the minute', async () => {
    const { id: tenantId } = await aTenant(world, { plan });
    const month = { month: '2026-11', minutes: 10_000, requests: 0, serverErrors: 0 };
    const isMet = (minutesUp: number) => availabilityOf({ ...month, minutesUp, minutesFailed: 0 }, sla).met;

    expect((await plans.current.query({ tenantId })).sla.promisedPercent).toBe(sla);
    const edge = (sla ?? 0) * 100;
    const met = [edge - 1, edge, edge + 1].map(isMet);
    expect(met).toEqual(sla === null ? [null, null, null] : [false, true, true]);
  });
});
