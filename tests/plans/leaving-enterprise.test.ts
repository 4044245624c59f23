import { expect, test } from 'vitest';
import { aPartnership, aPerson, exchange, signIn } from '../sso/partnership.ts';
import { tokenIn } from '../support/mails.ts';
import { aScimToken, mailTo, openWorld, strongPassword } from '../support/world.ts';

const world = await openWorld();
const { plans, connections } = world.operator;
const note = 'agreed';

test('leaving enterprise disables connections, offers passwords and keeps sessions; coming back restores them', async () => {
  const partnership = await aPartnership(world);
  const tenantId = partnership.tenant.id;
  const scim = await aScimToken(world, partnership.tenant);
  const person = aPerson();
  const { email = '' } = person;
  const session = await exchange(world, await signIn(partnership, { person }));
  const askScim = () =>
    fetch(`${scim.baseUrl}/Users`, { headers: { authorization: `Bearer ${scim.token}` } });

  const left = await plans.change.mutate({ tenantId, plan: 'professional', when: 'now', note });

  expect(left.effects).toMatchObject({
    lost: ['sso', 'scim'],
    scimTokensIdle: [{ id: scim.id }],
    ssoConnectionsIdle: [{ id: partnership.connection.id }],
    passwordsToSetUp: 1,
  });
  expect((await askScim()).status).toBe(403);
  const [token] = (await connections.scim.listTokens.query({ tenantId })).items;
  const [connection] = (await connections.sso.list.query({ tenantId })).items;
  expect([token?.disabled, connection?.disabled, connection?.state]).toEqual(['plan', 'plan', 'live']);
  const me = await world.send('/api/auth/me', { token: session.body.accessToken });
  expect(me.status).toBe(200);

  const mail = await mailTo(world, email, /password/);
  const chosen = { token: tokenIn(mail), password: strongPassword };
  expect((await world.send('/api/auth/reset-password', { body: chosen })).status).toBe(200);
  expect((await world.send('/api/auth/reset-password', { body: chosen })).status).toBe(401);
  const login = { email: email, password: strongPassword };
  expect((await world.send('/api/auth/login', { body: login })).status).toBe(200);

  await plans.change.mutate({ tenantId, plan: 'enterprise', note });

  expect((await askScim()).status).toBe(200);
  expect((await signIn(partnership, { person })).status).toBe(303);
  const back = (await connections.scim.listTokens.query({ tenantId })).items;
  expect(back.map(({ disabled }) => disabled)).toEqual([null]);
});
