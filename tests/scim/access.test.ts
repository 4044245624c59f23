import { expect, test } from 'vitest';
import { executeDueOffboarding } from '../../src/actions/offboarding/offboarding-execution.ts';
import { Offboarding } from '../../src/db/entities/offboarding.ts';
import type { TenantScope } from '../../src/db/scope.ts';
import { patchBody } from '../support/scim-client.ts';
import { openWorld } from '../support/world.ts';
import { aDirectory, aProvisionedUser, type Directory } from './directory.ts';
import { aGroup, groupsOf, memberIds } from './groups/group-clients.ts';

const world = await openWorld();

const disable = patchBody({ op: 'Replace', path: 'active', value: 'False' });

/** Every route with every method it has. */
function everyRoute(id: string) {
  const body = { userName: crypto.randomUUID() };
  return [
    ['GET', '/Users'],
    ['GET', '/Users?filter=nonsense'],
    ['POST', '/Users', body],
    ['POST', '/Users', '{'],
    ['GET', `/Users/${id}`],
    ['GET', '/Users/no-uuid'],
    ['PUT', `/Users/${id}`, body],
    ['PATCH', `/Users/${id}`, disable],
    ['DELETE', `/Users/${id}`],
    ['GET', '/Groups'],
    ['POST', '/Groups', { displayName: crypto.randomUUID() }],
    ['GET', `/Groups/${id}`],
    ['PUT', `/Groups/${id}`, { displayName: crypto.randomUUID() }],
    ['PATCH', `/Groups/${id}`, disable],
    ['DELETE', `/Groups/${id}`],
    ['GET', '/ServiceProviderConfig'],
    ['GET', '/ResourceTypes'],
    ['GET', '/ResourceTypes/User'],
    ['GET', '/ResourceTypes/Nothing'],
    ['GET', '/Schemas'],
    ['GET', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User'],
    ['GET', '/Groups'],
    ['POST', '/Bulk', {}],
    ['GET', '/Me'],
  ] as const;
}

async function askEverything(directory: Directory, id: string) {
  const answers = [];
  for (const [method, path, body] of everyRoute(id)) {
    const { status, body: said } = await directory.send(method, path, body && { body });
    answers.push({ route: `${method} ${path}`, status, said: said['status'], detail: said['detail'] });
  }
  return answers;
}

/** The end of a tenant on notice, as if its date had come. */
async function executeNow(scope: TenantScope): Promise<void> {
  await scope.em.nativeUpdate(Offboarding, { tenantId: scope.tenant.id }, { effectiveAt: scope.now });
  await executeDueOffboarding(scope);
}

async function setTenant(directory: Directory, values: string): Promise<void> {
  const { id } = directory.tenant;
  await world.inTenant(id, ({ em }) => em.execute(`update tenants set ${values} where id = ?`, [id]));
}

test('on a plan without SCIM every route is 403 and says which plan has it; nothing changes', async () => {
  const directory = await aDirectory(world);
  const id = await aProvisionedUser(directory);
  const before = (await directory.entra.getUser(id)).text;
  await setTenant(directory, `plan = 'professional'`);

  const answers = await askEverything(directory, id);

  expect(answers.filter(({ status, said }) => status !== 403 || said !== '403')).toEqual([]);
  expect(answers[0]?.detail).toContain('enterprise');
  await setTenant(directory, `plan = 'enterprise'`);
  expect((await directory.entra.getUser(id)).text).toBe(before);
});

test('an offboarded tenant answers 403 on every route', async () => {
  const directory = await aDirectory(world);
  const id = await aProvisionedUser(directory);
  const tenantId = directory.tenant.id;
  await world.operator.offboarding.schedule.mutate({ tenantId, trigger: 'contract_end', note: 'for a test' });
  await world.inTenant(tenantId, executeNow);

  const answers = await askEverything(directory, id);

  expect(answers.filter(({ status }) => status !== 403)).toEqual([]);
});

test.each(['read_only', 'blocked'] as const)(
  'a tenant suspended %s can be read, and its people can be deprovisioned, and no more',
  async (mode) => {
    const directory = await aDirectory(world);
    const { entra, okta, send } = directory;
    const [byPatch, byPut, byDelete, stays] = [
      await aProvisionedUser(directory),
      await aProvisionedUser(directory),
      await aProvisionedUser(directory),
      await aProvisionedUser(directory),
    ];
    const inactive = await aProvisionedUser(directory);
    await entra.disableUser(inactive);
    await world.operator.suspension.suspend.mutate({
      tenantId: directory.tenant.id,
      trigger: 'security_incident',
      mode,
      note: 'for a test',
    });

    const reads = [
      await entra.testConnection(),
      await okta.testConnection(),
      await entra.getUser(stays),
      await send('GET', '/Schemas'),
      await send('GET', '/ServiceProviderConfig'),
    ];
    const removals = [
      await entra.disableUser(byPatch),
      await okta.updateUser(byPut, { active: false }),
      await entra.deleteUser(byDelete),
      await entra.disableUser(inactive),
    ];
    const writes = [
      await send('POST', '/Users', { body: { userName: crypto.randomUUID() } }),
      await entra.enableUser(inactive),
      await okta.reactivateUser(byPatch),
      await okta.updateUser(stays, { title: 'x' }),
      await okta.updateUser(stays, { title: 'x', active: false }),
      await entra.updateUser(stays, { op: 'Add', path: 'title', value: 'x' }),
      await entra.updateUser(
        stays,
        { op: 'Replace', path: 'active', value: 'False' },
        { op: 'Add', path: 'title', value: 'x' },
      ),
    ];

    expect(reads.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(removals.map(({ status }) => status)).toEqual([200, 200, 204, 200]);
    expect(writes.map(({ status }) => status)).toEqual(writes.map(() => 403));
    expect((await entra.getUser(stays)).body).toMatchObject({ active: true, meta: { version: 'W/"1"' } });
    await world.operator.suspension.reinstate.mutate({ tenantId: directory.tenant.id, note: 'over' });
    expect((await entra.enableUser(byPatch)).body).toMatchObject({ active: true });
  },
);

test('a tenant that is being onboarded can be provisioned already', async () => {
  const directory = await aDirectory(world);
  await setTenant(directory, `status = 'onboarding'`);

  expect(await aProvisionedUser(directory)).toEqual(expect.any(String));
});

test('a suspended tenant’s directory takes members out, and changes nothing else of groups', async () => {
  const own = await aDirectory(world);
  const [one, two] = [await aProvisionedUser(own), await aProvisionedUser(own)];
  const id = await aGroup(own, [one, two]);
  const { patch, ...calls } = groupsOf(own);
  await world.operator.suspension.suspend.mutate({
    tenantId: own.tenant.id,
    trigger: 'security_incident',
    mode: 'blocked',
    note: 'for a test',
  });

  const refused = [
    await calls.create({ displayName: 'New' }),
    await calls.entraAdds(id, two, crypto.randomUUID()),
    await calls.put(id, { displayName: 'Renamed' }),
    await patch(id, { op: 'replace', path: 'displayName', value: 'Renamed' }),
  ];

  expect(refused.map(({ status }) => status)).toEqual([403, 400, 403, 403]);
  expect((await calls.entraRemoves(id, one)).status).toBe(204);
  expect((await calls.entraRemoves(id, one)).status).toBe(204);
  expect((await calls.entraAdds(id, one)).status).toBe(403);
  expect(memberIds(await calls.get(id))).toEqual([two]);
});
