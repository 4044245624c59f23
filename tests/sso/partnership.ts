import { randomUUID } from 'node:crypto';
import type { FailureCode } from '../../sso/failures.ts';
import { createIdentityProvider, type RespondOptions } from '../support/identity-provider.ts';
import type { Person } from '../support/saml-response.ts';
import { aTenant, type TestTenant, type World } from '../support/world.ts';
import { aBrowser, type Browser, type BrowserAnswer, locationOf } from './browser.ts';

/** One identity provider for a file's tests: its key takes a while to make. */
export const idp = await createIdentityProvider({
  entityId: 'https://idp.acme.example/saml',
  ssoUrl: 'https://idp.acme.example/sso',
});

export type Partnership = {
  world: World;
  tenant: TestTenant;
  connection: { id: string; acsUrl: string; loginUrl: string; spEntityId: string; metadataUrl: string };
};

type ConnectionOptions = {
  state?: 'draft' | 'test' | 'live' | 'disabled';
  jit?: 'on' | 'off';
  metadataXml?: string;
};

/** A tenant with a live connection to the identity provider, unless something else is asked for. */
export async function aPartnership(
  world: World,
  { tenant, ...options }: ConnectionOptions & { tenant?: TestTenant } = {},
): Promise<Partnership> {
  const owner = tenant ?? (await aTenant(world));
  const connection = await world.operator.connections.sso.create.mutate({
    tenantId: owner.id,
    name: 'Acme',
    metadataXml: idp.metadataXml(),
    ...options,
  });
  return { world, tenant: owner, connection };
}

/** Somebody whom nobody knows yet. */
export function aPerson(): Person {
  const name = `p-${randomUUID().slice(0, 8)}`;
  return {
    nameId: `${name}@acme.example`,
    email: `${name}@acme.example`,
    givenName: 'Pat',
    familyName: 'Person',
  };
}

type SignIn = RespondOptions & { person?: Person; browser?: Browser; query?: Record<string, string> };

/** Begins a sign-in and has the identity provider answer it: the form that the browser is about to post. */
export async function beginSignIn(
  { connection }: Partnership,
  { person = aPerson(), browser = aBrowser(), query = {}, ...options }: SignIn = {},
) {
  const login = await browser.get(`${connection.loginUrl}?${new URLSearchParams(query)}`);
  if (login.status !== 302) throw new Error(`the sign-in did not begin: ${login.status} ${login.text}`);
  const { acsUrl, form } = idp.respond(locationOf(login).href, person, options);
  return { browser, login, acsUrl, form, post: (at = acsUrl, by = browser) => by.post(at, form) };
}

/** A whole sign-in, up to the answer of the ACS. */
export async function signIn(partnership: Partnership, options: SignIn = {}): Promise<BrowserAnswer> {
  return (await beginSignIn(partnership, options)).post();
}

/** The session that a finished sign-in's code is exchanged for. */
export function exchange(world: World, answer: BrowserAnswer) {
  return world.send('/api/auth/exchange', { body: { code: locationOf(answer).searchParams.get('code') } });
}

/** A failure page's reason and attempt. */
export function readFailure({ text }: BrowserAnswer): {
  reason: string | undefined;
  attemptId: string | undefined;
} {
  return {
    reason: /<dt>Reason<\/dt>\s*<dd><code>(\w+)</.exec(text)?.[1],
    attemptId: /<dt>Attempt<\/dt>\s*<dd><code>([\w-]+)</.exec(text)?.[1],
  };
}

/** What the tenant's log of sign-ins says, newest first. */
export async function readLog({ world, tenant, connection }: Partnership) {
  const { items } = await world.operator.connections.sso.log.query({
    tenantId: tenant.id,
    connectionId: connection.id,
  });
  return items;
}

/** The trace of a refused sign-in, found by the number on its page; fails when the page shows another reason. */
export async function traceOf(partnership: Partnership, answer: BrowserAnswer, reason: FailureCode) {
  const { reason: shown, attemptId } = readFailure(answer);
  const found = (await readLog(partnership)).find(({ id }) => id === attemptId);
  if (shown !== reason || found?.reason !== reason || found.outcome !== 'refused') {
    throw new Error(`expected ${reason}: page ${shown}, log ${JSON.stringify(found)}, ${answer.status}`);
  }
  return found;
}

/** How many users the tenant has, and which. */
export async function listUsers({ world, tenant }: Partnership) {
  const { items } = await world.operator.directory.users.list.query({ tenantId: tenant.id });
  return items;
}
