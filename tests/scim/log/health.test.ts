import { expect, test } from 'vitest';
import { createScimClient } from '../../support/scim-client.ts';
import { aScimToken, aTenant, openWorld } from '../../support/world.ts';
import { aProvisionedUser } from '../directory.ts';
import { aLoggedDirectory } from './logged-directory.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const { scim, sso } = world.operator.connections;

const later = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

test('the health of a directory is told token by token, with when it asked, succeeded, and how often it was refused', async () => {
  const directory = await aLoggedDirectory(world);
  const { tenant, send } = directory;
  const tenantId = tenant.id;
  const unused = await scim.createToken.mutate({ tenantId, label: 'unused', expiresAt: later(6.5) });
  await aProvisionedUser(directory);
  await send('GET', '/Users/00000000-0000-0000-0000-000000000000');
  await send('POST', '/Users', { body: {} });
  await directory.readLog();

  const health = await scim.health.query({ tenantId });

  expect(health).toMatchObject({
    withoutToken: 0,
    items: [
      {
        tokenId: unused.id,
        label: 'unused',
        lastRequestAt: null,
        lastSuccessAt: null,
        last24Hours: { requests: 0, refused: 0, errorRate: 0 },
        state: 'unused',
        verdict: 'no directory has used it yet; it expires in 7 days',
        quarantine: null,
      },
      {
        tokenId: directory.tokenId,
        expiresAt: null,
        last24Hours: { requests: 3, refused: 1, errorRate: 1 / 3 },
        state: 'working',
        verdict: 'it works, but 1 of 3 requests in 24 hours were refused: the log says why',
      },
    ],
  });
  const [, used] = health.items;
  expect(Date.parse(used?.lastRequestAt ?? '')).toBeGreaterThan(Date.parse(used?.lastSuccessAt ?? ''));
});

test('a token that is refused is told of, since an identity provider stops at once', async () => {
  const directory = await aLoggedDirectory(world);
  const tenantId = directory.tenant.id;
  await directory.send('GET', '/Users');
  await scim.revokeToken.mutate({ tenantId, tokenId: directory.tokenId });
  await directory.send('GET', '/Users');
  await createScimClient({ ...directory, token: 'guessed' }).send('GET', '/Users');
  await directory.readLog();

  const { items, withoutToken } = await scim.health.query({ tenantId });

  expect(withoutToken).toBe(1);
  expect(items).toMatchObject([
    {
      state: 'revoked',
      last24Hours: { requests: 2, refused: 1 },
      quarantine: expect.stringMatching(/at once/),
    },
  ]);
});

test('a directory whose plan is without SCIM hears so at each request, and its health says why', async () => {
  const tenant = await aTenant(world, { plan: 'free' });
  await aScimToken(world, tenant).catch(() => null);

  const { items } = await scim.health.query({ tenantId: tenant.id });

  expect(items.every(({ state }) => state === 'disabled')).toBe(true);
});

test('who gets a token or a connection is warned where no identity provider can reach the service', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'enterprise' });
  const behindTls = await world.another({ PUBLIC_URL: 'https://tenantry.example' });
  const warned = expect.stringMatching(
    /^an identity provider cannot reach http:.+: set PUBLIC_URL to the HTTPS/,
  );
  const reachable = world.as(world.bootstrapToken, `http://127.0.0.1:${behindTls.port}`).connections;

  const token = await scim.createToken.mutate({ tenantId, label: 'one' });
  const rotated = await scim.rotateToken.mutate({ tenantId, tokenId: token.id });
  const connection = await sso.create.mutate({ tenantId, name: 'one' });
  const quiet = [
    await reachable.scim.createToken.mutate({ tenantId, label: 'two' }),
    await reachable.sso.create.mutate({ tenantId, name: 'two' }),
  ];

  expect([token.warning, rotated.warning, connection.warning]).toEqual([warned, warned, warned]);
  expect(quiet.some((answer) => 'warning' in answer)).toBe(false);
});
