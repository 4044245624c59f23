import { expect, test } from 'vitest';
import { SsoAssertion, SsoRequest } from '../../src/db/entities/connection.ts';
import { openWorld } from '../support/world.ts';
import { aBrowser } from './browser.ts';
import { aPartnership, aPerson, beginSignIn, idp, listUsers, readFailure, traceOf } from './partnership.ts';

const world = await openWorld();
// As behind a load balancer: what is handed out names one address.
const other = await world.another({ PUBLIC_URL: world.url });
const partnership = await aPartnership(world);
const { connection } = partnership;

/** The same ACS on the second instance, which shares nothing but the database. */
const acsOfOther = connection.acsUrl.replace(world.url, `http://127.0.0.1:${other.port}`);

test('a response that was used is refused, on every instance', async () => {
  const { post, acsUrl } = await beginSignIn(partnership);

  const [first, second, third] = [await post(), await post(), await post(acsOfOther)];

  expect([first.status, second.status, third.status]).toEqual([303, 403, 403]);
  expect(acsUrl).toBe(connection.acsUrl);
  await traceOf(partnership, second, 'replayed');
  await traceOf(partnership, third, 'replayed');
});

test('a response posted twenty times at once to two instances lets in once', async () => {
  const { post } = await beginSignIn(partnership);

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => post(index % 2 ? connection.acsUrl : acsOfOther)),
  );

  expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  expect(
    new Set(answers.filter(({ status }) => status !== 303).map((answer) => readFailure(answer).reason)),
  ).toEqual(new Set(['replayed']));
});

test('a use is remembered for eleven minutes, and the request is forgotten', async () => {
  const fresh = await aPartnership(world);
  const { post } = await beginSignIn(fresh);
  const began = Date.now();

  await post();

  const [assertions, requests] = await world.inTenant(fresh.tenant.id, async ({ em, tenant }) => [
    await em.find(SsoAssertion, { tenantId: tenant.id }),
    await em.find(SsoRequest, { tenantId: tenant.id }),
  ]);
  expect(requests).toEqual([]);
  expect(assertions).toHaveLength(1);
  expect(Math.abs((assertions[0]?.expiresAt.getTime() ?? 0) - began - 11 * 60_000)).toBeLessThan(5000);
});

test('a second response to the same request is refused', async () => {
  const person = aPerson();
  const { browser, login, post, acsUrl } = await beginSignIn(partnership, { person });
  const { form } = idp.respond(login.headers.get('location') ?? '', person);

  await post();
  const answer = await browser.post(acsUrl, form);

  await traceOf(partnership, answer, 'request_unknown');
});

test('a response brought to another browser is refused, and stays good for the one it was begun in', async () => {
  const { post, acsUrl } = await beginSignIn(partnership);
  const stranger = await beginSignIn(partnership);

  const without = await post(acsUrl, aBrowser());
  const withAnother = await post(acsUrl, stranger.browser);

  await traceOf(partnership, without, 'browser_changed');
  await traceOf(partnership, withAnother, 'browser_changed');
  expect((await post()).status).toBe(303);
});

test('a response to a request nobody made is refused', async () => {
  const { browser, acsUrl, post } = await beginSignIn(partnership, {
    inResponseTo: '_made_up',
    responseInResponseTo: '_made_up',
  });

  await traceOf(partnership, await post(acsUrl, browser), 'request_unknown');
});

test.each(['the same tenant', 'another tenant'])(
  'a response for one connection is refused at one of %s',
  async (whose) => {
    const second = await aPartnership(
      world,
      whose === 'the same tenant' ? { tenant: partnership.tenant } : {},
    );
    const { post } = await beginSignIn(partnership);

    const answer = await post(second.connection.acsUrl);

    await traceOf(second, answer, 'audience_wrong');
    expect((await post()).status).toBe(303);
  },
);

test.each(['the same tenant', 'another tenant'])(
  'a response made for one connection to a request of one of %s is refused',
  async (whose) => {
    const second = await aPartnership(
      world,
      whose === 'the same tenant' ? { tenant: partnership.tenant } : {},
    );
    const before = await listUsers(second);
    const { browser, login } = await beginSignIn(partnership);
    const requestOfFirst = idp.respond(login.headers.get('location') ?? '', aPerson()).form;
    const { form } = idp.respondTo(
      {
        acsUrl: second.connection.acsUrl,
        spEntityId: second.connection.spEntityId,
        requestId: readId(requestOfFirst),
        relayState: null,
      },
      aPerson(),
    );

    const answer = await browser.post(second.connection.acsUrl, form);

    await traceOf(second, answer, 'request_unknown');
    expect(await listUsers(second)).toEqual(before);
  },
);

test('a response that answers nothing is refused, and offers to begin here', async () => {
  const { acsUrl, spEntityId } = connection;
  const { form } = idp.respondTo({ acsUrl, spEntityId, requestId: null, relayState: null }, aPerson());

  const answer = await aBrowser().post(acsUrl, form);

  await traceOf(partnership, answer, 'unsolicited_response');
  expect(answer.text).toContain(`<a href="${connection.loginUrl}">`);
});

function readId({ SAMLResponse }: { SAMLResponse: string }): string {
  return / InResponseTo="([^"]+)"/.exec(Buffer.from(SAMLResponse, 'base64').toString())?.[1] ?? '';
}
