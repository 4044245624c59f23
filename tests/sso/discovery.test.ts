import { expect, test } from 'vitest';
import { aTenant, openWorld } from '../support/world.ts';
import { aBrowser, locationOf } from './browser.ts';
import { aPartnership, idp, signIn } from './partnership.ts';

const world = await openWorld();
const ask = (query: Record<string, string>) =>
  aBrowser().get(`${world.url}/sso/login?${new URLSearchParams(query)}`);

test("a tenant's name leads to the sign-in of its live connection, with where to return to", async () => {
  const { tenant, connection } = await aPartnership(world);

  const answer = await ask({ tenant: tenant.slug.toUpperCase(), RelayState: '/projects' });

  expect(answer.status).toBe(302);
  expect(locationOf(answer).href).toBe(`${connection.loginUrl}?returnTo=%2Fprojects`);
});

test('of several live connections the one last used is taken', async () => {
  const first = await aPartnership(world);
  await signIn(first);
  await aPartnership(world, { tenant: first.tenant, metadataXml: idp.metadataXml() });

  expect(locationOf(await ask({ tenant: first.tenant.slug })).href).toBe(first.connection.loginUrl);
});

test('whatever there is no sign-in for gets one and the same page', async () => {
  const without = await aTenant(world);
  const draft = await aPartnership(world, { state: 'draft' });
  const blocked = await aPartnership(world);
  await world.operator.suspension.suspend.mutate({
    tenantId: blocked.tenant.id,
    trigger: 'security_incident',
    mode: 'blocked',
    note: 'test',
  });
  const lowered = await aPartnership(world);
  await world.operator.plans.change.mutate({
    tenantId: lowered.tenant.id,
    plan: 'starter',
    when: 'now',
    note: 'agreed',
  });
  const queries: Record<string, string>[] = [
    ...[without, draft.tenant, blocked.tenant, lowered.tenant].map(({ slug }) => ({ tenant: slug })),
    { tenant: 'nobody-has-this' },
    { tenant: '\u0000' },
    { tenant: '' },
    {},
    { email: 'somebody@acme.example' },
  ];

  const answers = await Promise.all(queries.map(ask));

  expect(answers.map(({ status }) => status)).toEqual(queries.map(() => 404));
  expect(new Set(answers.map(({ text }) => text.replaceAll(/nonce="[^"]+"/g, ''))).size).toBe(1);
});
