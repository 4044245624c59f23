import { expect, test } from 'vitest';
import { appRouter } from '../../src/api/trpc/router.ts';
import { aRegistration, aTenant, openWorld } from '../support/world.ts';
import { ask, call } from './answers.ts';
import { isNothing, isOpen, knock, listRoutes, open } from './routes.ts';

const world = await openWorld();
const { slug } = await aTenant(world);
const routes = listRoutes(world);

const everyMethod = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

const closed = routes.filter((route) => !isOpen(route));

test('the app has the routes that this test is about', () => {
  expect(closed.length).toBeGreaterThan(10);
  expect(closed.map(({ method, path }) => `${method} ${path}`)).toEqual(
    expect.arrayContaining([
      'GET /api/auth/me',
      'POST /api/auth/introspect',
      'ALL /trpc/*',
      'ALL /scim/v2/:tenantSlug/Users',
    ]),
  );
});

test.each(closed)(
  '$method $path is closed to who sends no token, and to who sends a wrong one',
  async (route) => {
    const { path } = route;
    const answers = [];
    for (const method of route.method === 'ALL' ? everyMethod : [route.method]) {
      for (const token of [undefined, 'nonsense', 'a.b.c'])
        answers.push(await knock(world, { method, path, slug, token }));
    }

    // A path for all methods may say 405 of those it does not know, to anybody.
    const said = answers.map((answer) =>
      path.includes('*') && isNothing(answer) ? 'nothing' : answer.status,
    );
    expect(
      said.filter((each) => each !== 401 && each !== 'nothing' && !(each === 405 && route.method === 'ALL')),
    ).toEqual([]);
    expect(said.some((each) => each === 401 || each === 'nothing')).toBe(true);
  },
);

test('what is said to be open is there', () => {
  const there = routes.map(({ method, path }) => `${method} ${path}`);

  expect(Object.keys(open).filter((name) => !there.includes(name))).toEqual([]);
});

const built = Object.entries(
  appRouter['_def'].procedures as unknown as Record<string, { _def: { type: string } }>,
);
const procedures = built.map(([name, { _def: definition }]) => [name, definition.type] as const);
const invoke = (name: string, type: string, token?: string) => {
  const options = token === undefined ? {} : { token };
  return type === 'query' ? ask(world.url, name, options) : call(world.url, name, options);
};

test('the router has the procedures that this test is about', () => {
  const names = procedures.map(([name]) => name);

  expect(names.length).toBeGreaterThan(30);
  expect(names).toEqual(
    expect.arrayContaining(['tenants.create', 'plans.catalogue', 'directory.users.setRole']),
  );
  expect(new Set(procedures.map(([, type]) => type))).toEqual(new Set(['query', 'mutation']));
});

test('no procedure answers without a token, nor to a session that has ended', async () => {
  const { accessToken, refreshToken } = await aRegistration(world);
  await world.send('/api/auth/logout', { body: { refreshToken } });

  for (const [name, type] of procedures) {
    for (const token of [undefined, 'nonsense', 'a.b.c', accessToken]) {
      const { status, body } = await invoke(name, type, token);
      expect([name, status, body.error?.data?.reason]).toEqual([name, 401, 'INVALID_CREDENTIALS']);
    }
  }
});
