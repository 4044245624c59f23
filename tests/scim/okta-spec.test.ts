import { expect, test } from 'vitest';
import { runOktaSpec } from '../conformance/okta-suite.ts';
import { aScimToken, aTenant, openWorld } from '../support/world.ts';

const world = await openWorld();
const { token, baseUrl: publicUrl } = await aScimToken(world, await aTenant(world));
const baseUrl = `${world.url}${new URL(publicUrl).pathname}`;

test("every step of Okta's SCIM 2.0 SPEC test holds", async () => {
  const outcomes = await runOktaSpec({ baseUrl, token });

  expect(outcomes).toHaveLength(16);
  expect(outcomes.filter(({ failures }) => failures.length > 0)).toEqual([]);
});

test('its runner tells what does not hold: with a wrong token no required step does', async () => {
  const outcomes = await runOktaSpec({ baseUrl, token: 'wrong' });

  const required = outcomes.filter(({ name }) => name.startsWith('Required'));
  expect(required.filter(({ failures }) => failures.length === 0)).toEqual([]);
  expect(required[0]?.failures).toContain('response_status: 401 is not equal_number 200');
});
