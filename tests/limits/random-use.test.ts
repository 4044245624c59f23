import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { createEntraClient } from '../support/scim-client.ts';
import { aScimToken, aTenant, openWorld, type TestTenant } from '../support/world.ts';
import { anEmail } from './crowd.ts';

const world = await openWorld();
const other = await world.another({ PUBLIC_URL: world.url });
const { plans } = world.operator;
const isLong = Boolean(process.env['LONG']);
const [workers, steps, pauses] = isLong ? [12, 40, 40] : [8, 8, 4];

/** What may be said to who wants too much, or what somebody else has taken meanwhile. */
const expected = new Set([200, 201, 204, 403, 404, 409]);

const oneOf = <T>(list: readonly T[]): T | undefined => list[randomInt(Math.max(1, list.length))];

/** Everybody who uses and frees places of one tenant, at random and at two services. */
async function aBusyTenant() {
  const tenant = await aTenant(world, { plan: 'starter' });
  const { id: tenantId } = tenant;
  await agree(tenantId, 8, 6);
  const { token, baseUrl } = await aScimToken(world, tenant);
  const path = new URL(baseUrl).pathname;
  const operators = [world.operator, world.as(world.bootstrapToken, other.url)];
  const operator = () => oneOf(operators) ?? world.operator;
  const directory = () =>
    createEntraClient({ baseUrl: `${oneOf([world.url, other.url])}${path}`, token, fetch });
  const users: string[] = [];
  const files = async (method: string, name: string, body?: Buffer) => {
    const projectId = oneOf((await operator().projects.list.query({ tenantId })).items)?.id;
    if (!projectId) return 404;
    const answer = await fetch(
      `${oneOf([world.url, other.url])}/api/projects/${projectId}/files/${name}?tenantId=${tenantId}`,
      {
        method,
        headers: { authorization: `Bearer ${world.bootstrapToken}` },
        ...(body ? { body: new Uint8Array(body) } : {}),
      },
    );
    return answer.status;
  };
  const deeds: readonly (() => Promise<number>)[] = [
    () => told(operator().projects.create.mutate({ tenantId, name: 'P' })),
    async () => {
      const project = oneOf((await operator().projects.list.query({ tenantId })).items);
      return project ? told(operator().projects.remove.mutate({ tenantId, projectId: project.id })) : 404;
    },
    () => told(operator().directory.users.invite.mutate({ tenantId, email: anEmail(), role: 'member' })),
    async () => {
      const { items } = await operator().directory.invitations.list.query({ tenantId });
      const invitationId = oneOf(items)?.id;
      if (!invitationId) return 404;
      return told(operator().directory.invitations.revoke.mutate({ tenantId, invitationId }));
    },
    async () => {
      const email = anEmail();
      const person = { userName: email, externalId: email, givenName: 'R', familyName: 'U', email };
      const { status, body } = await directory().createUser(person);
      if (body.id) users.push(body.id);
      return status;
    },
    () => setActive(false),
    () => setActive(true),
    () => files('PUT', oneOf(['a', 'b', 'c']) ?? 'a', Buffer.alloc(randomInt(1, 500))),
    () => files('DELETE', oneOf(['a', 'b', 'c']) ?? 'a'),
    () => told(agree(tenantId, randomInt(2, 10), randomInt(1, 8))),
    () => {
      const change = { plan: oneOf(['starter', 'professional'] as const) ?? 'starter', when: 'now' as const };
      return told(operator().plans.change.mutate({ tenantId, ...change, note: 'at random' }));
    },
  ];
  async function setActive(active: boolean): Promise<number> {
    const userId = oneOf(users);
    if (!userId) return 404;
    const { users: people } = operator().directory;
    return told((active ? people.reactivate : people.deactivate).mutate({ tenantId, userId }));
  }
  return { tenant, act: async () => (await oneOf(deeds)?.()) ?? 404 };
}

function agree(tenantId: string, users: number, projects: number) {
  const limits = { users, projects, storageBytes: 1500 };
  return plans.setOverrides.mutate({ tenantId, limits, features: { scim: true }, note: 'at random' });
}

/** The status of an answer: its own, or that of its refusal. */
function told(call: Promise<unknown>): Promise<number> {
  return call.then(
    () => 200,
    (error: unknown) => Number(Object(Reflect.get(Object(error), 'data')).httpStatus),
  );
}

/** What stands in the tables, counted by the test alone. */
function recount({ id }: TestTenant) {
  return world.inTenant(id, async ({ em }) => {
    const [row] = await em.execute<Record<string, number>[]>(
      `select (select count(*) from users where active and removed_at is null)::int
         + (select count(*) from invitations where accepted_at is null and expired_at is null)::int as users,
         (select count(*) from projects)::int as projects,
         (select coalesce(sum(bytes), 0) from project_files)::int as "storageBytes",
         (select count(*) from project_files)::int as files, (select files from storage_usage)::int as "filesCounted"`,
    );
    return row ?? {};
  });
}

test(
  'whatever many do at once, what is used is what is there, and never more than is allowed',
  { timeout: 600_000 },
  async () => {
    const { tenant, act } = await aBusyTenant();
    const seen = new Map<number, number>();

    for (let pause = 0; pause < pauses; pause += 1) {
      await Promise.all(
        Array.from({ length: workers }, async () => {
          for (let step = 0; step < steps; step += 1) {
            const status = await act();
            seen.set(status, (seen.get(status) ?? 0) + 1);
          }
        }),
      );

      const { usage, limits } = await plans.current.query({ tenantId: tenant.id });
      const { files, filesCounted, ...counted } = await recount(tenant);
      expect(usage).toMatchObject(counted);
      expect(filesCounted).toBe(files);
      for (const limit of ['users', 'projects', 'storageBytes'] as const)
        expect(usage[limit], limit).toBeLessThanOrEqual(limits[limit] ?? Infinity);
    }

    expect([...seen.keys()].filter((status) => !expected.has(status))).toEqual([]);
    expect(seen.get(403), 'some were refused').toBeGreaterThan(0);
    expect(seen.get(200), 'most were not').toBeGreaterThan(20);
  },
);
