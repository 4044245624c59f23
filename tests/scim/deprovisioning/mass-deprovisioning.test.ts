import { expect, test } from 'vitest';
import { anOperator } from '../../api/people.ts';
import { mailTo, openWorld } from '../../support/world.ts';
import { createEntraClient } from '../../support/scim-client.ts';
import { aFullDirectory, letPass, readAlarms } from './taking.ts';

const world = await openWorld();
const other = await world.another({ ROLE: 'web', PUBLIC_URL: world.url });
const { email: operatorEmail } = await anOperator(world, 'customer_success');

const once = {
  mails: ['mass_deprovisioning to user', 'mass_deprovisioning_alert to operator'],
  tasks: ['open'],
};

test('five of a small tenant’s people may be taken, the sixth is an alarm, and told once however it goes on', async () => {
  const { tenantId, tenant, ids, entra } = await aFullDirectory(world, 9);

  for (const id of ids.slice(0, 5)) await entra.disableUser(id);
  expect((await readAlarms(world, tenantId)).details).toEqual([]);
  await entra.deleteUser(ids[5] ?? '');
  expect(await readAlarms(world, tenantId)).toMatchObject({ details: [{ taken: 6, people: 10 }], ...once });
  for (const id of ids.slice(6)) await entra.disableUser(id);

  expect(await readAlarms(world, tenantId)).toMatchObject({ details: [{ taken: 6 }], ...once });
  const mail = await mailTo(world, tenant.ownerEmail, /has taken access/);
  expect(mail.text).toContain('directory.restoreSync');
  expect((await mailTo(world, operatorEmail, /has taken access/)).text).toContain(tenantId);
});

test('a fifth of a larger tenant’s people may be taken, and one more is an alarm', async () => {
  const { tenantId, ids, entra } = await aFullDirectory(world, 49);

  for (const id of ids.slice(0, 10)) await entra.disableUser(id);
  const before = await readAlarms(world, tenantId);
  await entra.disableUser(ids[10] ?? '');

  expect(before.details).toEqual([]);
  expect((await readAlarms(world, tenantId)).details).toMatchObject([{ taken: 11, people: 50 }]);
});

test('64 who are taken at once at two services are one alarm', async () => {
  const { tenantId, ids, token, tenant } = await aFullDirectory(world, 64);
  const clientOf = (url: string) =>
    createEntraClient({ baseUrl: `${url}/scim/v2/${tenant.slug}`, token, fetch });
  const url = 'https://hooks.invalid/in';
  await world.operator.webhooks.create.mutate({ tenantId, url });
  const [here, there] = [clientOf(world.url), clientOf(other.url)];

  const answers = await Promise.all(ids.map((id, at) => (at % 2 === 0 ? here : there).disableUser(id)));

  expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200));
  expect(await readAlarms(world, tenantId)).toMatchObject({
    details: [{ taken: 14, people: 65 }],
    webhooks: [{ taken: 14, people: 65 }],
    ...once,
  });
});

test('what people do is no alarm, nor what a directory does over a longer time; another sync is another alarm', async () => {
  const { tenantId, ids, entra, client } = await aFullDirectory(world, 24);
  for (const userId of ids.slice(0, 6)) await client.directory.users.deactivate.mutate({ userId });
  for (const id of ids.slice(6, 11)) await entra.disableUser(id);
  await letPass(world, tenantId, 11);
  await entra.disableUser(ids[11] ?? '');
  expect((await readAlarms(world, tenantId)).details).toEqual([]);

  for (const id of ids.slice(12, 18)) await entra.disableUser(id);
  await letPass(world, tenantId, 11);
  for (const id of ids.slice(18, 24)) await entra.disableUser(id);

  expect((await readAlarms(world, tenantId)).details).toMatchObject([{ taken: 6 }, { taken: 6 }]);
});
