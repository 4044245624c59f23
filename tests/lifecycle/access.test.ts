import { beforeAll, describe, expect, test } from 'vitest';
import { executeDueOffboarding } from '../../src/actions/offboarding/offboarding-execution.ts';
import { Offboarding } from '../../src/db/entities/offboarding.ts';
import type { TenantScope } from '../../src/db/scope.ts';
import { ask, call, signIn } from '../api/answers.ts';
import { aPerson, theOwner } from '../api/people.ts';
import { isOpen, knock, listRoutes } from '../api/routes.ts';
import { aPartnership, beginSignIn } from '../sso/partnership.ts';
import { type Answer } from '../support/http.ts';
import { aScimToken, aTenant, openWorld } from '../support/world.ts';

const world = await openWorld();
const { operator } = world;
const { secret } = await operator.serviceClients.create.mutate({ name: 'host application' });

const states = ['onboarding', 'active', 'read_only', 'blocked', 'offboarded', 'purging'] as const;
type State = (typeof states)[number];

/** An enterprise tenant with everything that can come in: people, a directory, an identity provider. */
async function aFullTenant(state: State) {
  const tenant = await aTenant(world, { onboarding: state === 'onboarding' });
  const [owner, admin] = [await theOwner(world, tenant), await aPerson(world, tenant.id, 'admin')];
  const member = state === 'onboarding' ? null : await aPerson(world, tenant.id, 'member');
  const scim = await aScimToken(world, tenant);
  const partnership = await aPartnership(world, { tenant });
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
  const path = `/scim/v2/${tenant.slug}/Users`;
  const provisioned = await world.send(path, {
    token: scim.token,
    body: { schemas, userName: 'sync@x.example' },
  });
  await bring(tenant.id, state);
  return { tenant, owner, admin, member, scim, path, partnership, syncedId: String(provisioned.body.id) };
}
type Full = Awaited<ReturnType<typeof aFullTenant>>;

async function bring(tenantId: string, state: State): Promise<void> {
  if (state === 'read_only' || state === 'blocked') {
    const cause = { trigger: 'security_incident', note: 'for a test', mode: state } as const;
    await operator.suspension.suspend.mutate({ tenantId, ...cause });
  }
  if (state !== 'offboarded' && state !== 'purging') return;
  await operator.offboarding.schedule.mutate({ tenantId, trigger: 'contract_end', note: 'for a test' });
  await world.inTenant(tenantId, executeNow);
  if (state === 'purging') {
    await world.inTenant(tenantId, ({ em }) =>
      em.execute('update tenants set purge_claimed_at = now() where id = ?', [tenantId]),
    );
  }
}

/** The end of a tenant on notice, as if its date had come. */
async function executeNow(scope: TenantScope): Promise<void> {
  await scope.em.nativeUpdate(Offboarding, { tenantId: scope.tenant.id }, { effectiveAt: scope.now });
  await executeDueOffboarding(scope);
}

/** Says how a door was met: open, or the reason for which it was closed. */
function verdict({ status, body }: Answer): string {
  if (status < 400) return 'open';
  return body?.error?.data?.reason ?? body?.reason ?? String(status);
}

/** Every door of the service into a tenant, and how it is knocked at. */
const doors = {
  'a member reads': ({ member, admin }: Full) =>
    ask(world.url, 'projects.list', { token: (member ?? admin).accessToken }),
  'a member writes': ({ member, admin }: Full) =>
    call(world.url, 'projects.create', { token: (member ?? admin).accessToken, input: { name: 'P' } }),
  'an admin reads': ({ admin }: Full) => ask(world.url, 'directory.users.list', { token: admin.accessToken }),
  'an admin writes': ({ admin }: Full) =>
    call(world.url, 'projects.create', { token: admin.accessToken, input: { name: 'P' } }),
  'the owner signs in': ({ owner }: Full) => signIn(world, owner.email),
  'the owner, signed in anew, reads': async ({ owner }: Full) => {
    const { body } = await signIn(world, owner.email);
    return ask(world.url, 'projects.list', { token: body.accessToken ?? owner.accessToken });
  },
  'the owner, signed in anew, sees where things stand': async ({ owner }: Full) => {
    const { body } = await signIn(world, owner.email);
    return world.send('/api/auth/me', { token: body.accessToken ?? owner.accessToken });
  },
  'an admin signs in': ({ admin }: Full) => signIn(world, admin.email),
  'a directory reads': ({ path, scim }: Full) => world.send(path, { token: scim.token }),
  'a directory provisions': ({ path, scim }: Full) =>
    world.send(path, {
      token: scim.token,
      body: {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: `${crypto.randomUUID()}@x.example`,
      },
    }),
  'a directory deprovisions': ({ path, scim, syncedId }: Full) =>
    world.send(`${path}/${syncedId}`, { method: 'DELETE', token: scim.token }),
  'single sign-on begins': async ({ partnership }: Full) => {
    const { status, text } = await (async () => {
      try {
        return (await beginSignIn(partnership)).login;
      } catch (error) {
        return { status: 403, text: String(error) };
      }
    })();
    return { status, text, body: null, headers: new Headers() };
  },
  'a session is active for the host': async ({ owner }: Full) => {
    const answer = await world.send('/api/auth/introspect', {
      token: secret,
      body: { token: owner.accessToken },
    });
    return { ...answer, status: answer.body.active ? 200 : 403, body: { reason: 'inactive' } };
  },
  'an operator reads': ({ tenant }: Full) =>
    ask(world.url, 'tenants.get', { token: world.bootstrapToken, input: { tenantId: tenant.id } }),
  'an operator writes': ({ tenant }: Full) =>
    call(world.url, 'projects.create', {
      token: world.bootstrapToken,
      input: { tenantId: tenant.id, name: 'P' },
    }),
} satisfies Record<string, (full: Full) => Promise<Answer>>;
type Door = keyof typeof doors;

const suspended = 'TENANT_SUSPENDED';
const readOnly = 'TENANT_READ_ONLY';
const offboarded = 'TENANT_OFFBOARDED';

/** The second table of the design, door by door: what each is met with, in the order of `states`. */
const cells: Record<Door, readonly [string, string, string, string, string, string]> = {
  'a member reads': ['open', 'open', 'open', suspended, offboarded, offboarded],
  'a member writes': ['open', 'open', readOnly, suspended, offboarded, offboarded],
  'an admin reads': ['open', 'open', 'open', suspended, offboarded, offboarded],
  'an admin writes': ['open', 'open', readOnly, suspended, offboarded, offboarded],
  'the owner signs in': ['open', 'open', 'open', 'open', offboarded, offboarded],
  'the owner, signed in anew, reads': ['open', 'open', 'open', suspended, offboarded, offboarded],
  'the owner, signed in anew, sees where things stand': [
    'open',
    'open',
    'open',
    'open',
    offboarded,
    offboarded,
  ],
  'an admin signs in': ['open', 'open', 'open', suspended, offboarded, offboarded],
  'a directory reads': ['open', 'open', 'open', 'open', '403', '403'],
  'a directory provisions': ['open', 'open', '403', '403', '403', '403'],
  'a directory deprovisions': ['open', 'open', 'open', 'open', '403', '403'],
  'single sign-on begins': ['open', 'open', 'open', '403', '403', '403'],
  'a session is active for the host': ['open', 'open', 'open', 'inactive', 'inactive', 'inactive'],
  'an operator reads': ['open', 'open', 'open', 'open', 'open', offboarded],
  'an operator writes': ['open', 'open', 'open', 'open', offboarded, offboarded],
};

describe.each(states.map((state, column) => ({ state, column })))('$state', ({ state, column }) => {
  let full: Full;
  beforeAll(async () => {
    full = await aFullTenant(state);
  });

  test.each(Object.entries(doors).map(([door, knock]) => ({ door, knock })))(
    '$door',
    async ({ door, knock }) => {
      const expected = Object.entries(cells).find(([name]) => name === door)?.[1][column];

      expect(verdict(await knock(full))).toBe(expected);
    },
  );
});

test('a member of a tenant that is being onboarded does not come in', async () => {
  const tenant = await aTenant(world, { onboarding: true });

  const joined = await aPerson(world, tenant.id, 'member').catch((error: unknown) => String(error));

  expect(joined).toContain('TENANT_ONBOARDING');
});

describe('of a tenant that has ended', async () => {
  const full = await aFullTenant('offboarded');
  const closed = listRoutes(world).filter((route) => !isOpen(route));

  test.each(closed)('no credential opens $method $path', async ({ method, path }) => {
    const { slug } = full.tenant;
    for (const verb of method === 'ALL' ? ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] : [method]) {
      for (const token of [full.owner.accessToken, full.admin.accessToken, full.scim.token]) {
        const answer = await knock(world, { method: verb, path, slug, token });
        expect([401, 403, 404, 405]).toContain(answer.status);
      }
    }
  });
});
