import { Client } from 'pg';
import { expect, test, vi } from 'vitest';
import { parseFilter } from '../../scim/filter/filter.ts';
import { userType } from '../../scim/schema/resource-types.ts';
import { readSort } from '../../scim/sort.ts';
import { countProvisionedUsers, listProvisionedUsers } from '../../src/actions/people/provisioning.ts';
import type { Position, Question } from '../../src/db/directory/page-sql.ts';
import type { TenantScope } from '../../src/db/scope.ts';
import { openWorld } from '../support/world.ts';
import { aDirectory } from './directory.ts';

const world = await openWorld();
const directory = await aDirectory(world);
for (const { tenant } of [directory, await aDirectory(world)]) {
  await world.inTenant(tenant.id, (scope) => addTwentyThousand(scope));
}
const owner = new Client({ connectionString: world.database.ownerUrl });
await owner.connect();
await owner.query('analyze users, user_emails');
await owner.end();

async function addTwentyThousand({ em, tenant }: TenantScope): Promise<void> {
  await em.execute(
    `insert into users (tenant_id, id, origin, user_name, user_name_key, external_id, display_name, display_name_key,
       active, updated_at)
     select ?, gen_random_uuid(), 'scim', 'User-' || n, 'user-' || n, 'ext-' || n, 'Name ' || n, 'name ' || n,
       n % 1000 <> 0, timestamptz '2026-01-01' + case when n <= 30 then interval '200 d' else interval '0' end
     from generate_series(1, 20000) n`,
    [tenant.id],
  );
  await em.execute(
    `insert into user_emails (tenant_id, user_id, position, value, value_key, type)
     select tenant_id, id, 0, user_name || '@x.example', user_name_key || '@x.example', 'work' from users`,
  );
}

type Plan = { 'Node Type': string; 'Index Name'?: string; 'Relation Name'?: string; Plans?: Plan[] };

function ask(filter: string | null, sortBy = ''): Question {
  return {
    filter: filter === null ? null : parseFilter(userType, filter),
    sort: readSort(userType, new URLSearchParams({ sortBy }), new Set()),
    locations: { users: 'https://x/Users/', groups: 'https://x/Groups/' },
  };
}

/** The plans of all that a search asks of the database, made in the tenant's own scope. */
function explainSearch(question: Question, after: Position | null = null) {
  return world.inTenant(
    directory.tenant.id,
    async (scope) => {
      const [guard] = await scope.em.execute<{ role: string; guarded: boolean }[]>(
        `select current_user as role, row_security_active('users') as guarded`,
      );
      const asked = await watchStatements(scope, async () => {
        const { resources } = await listProvisionedUsers(scope, question, { after, offset: 0, limit: 100 });
        return { found: resources.length, total: await countProvisionedUsers(scope, question, after) };
      });
      const nodes: Plan[] = [];
      for (const statement of asked.statements) {
        const [row] = await scope.em.execute<{ 'QUERY PLAN': { Plan: Plan }[] }[]>(
          `explain (format json) ${statement}`,
        );
        for (const { Plan } of row?.['QUERY PLAN'] ?? []) nodes.push(...flatten(Plan));
      }
      return { guard, ...asked.result, nodes };
    },
    { kind: 'scim', id: directory.tokenId },
  );
}

/** Runs `work` and gives the statements it made, with their values in place. */
async function watchStatements<T>({ em }: TenantScope, work: () => Promise<T>) {
  const logger = em.config.getLogger();
  const statements: string[] = [];
  logger.setDebugMode(['query', 'query-params']);
  const spy = vi
    .spyOn(logger, 'logQuery')
    .mockImplementation(({ query }) => void statements.push(query ?? ''));
  try {
    return { result: await work(), statements };
  } finally {
    spy.mockRestore();
    logger.setDebugMode(false);
  }
}

function flatten(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flatten)];
}

test.each([
  ['userName eq "USER-777"', 1, 'users_user_name_unique'],
  ['externalId eq "ext-777"', 1, 'users_external_id_unique'],
  ['displayName eq "Name 777"', 1, 'users_display_name_index'],
  ['emails.value eq "User-777@X.example"', 1, 'user_emails_value_index'],
  ['emails[type eq "WORK"].value eq "user-777@x.example"', 1, 'user_emails_value_index'],
  ['active eq false', 20, 'users_inactive_index'],
  ['meta.lastModified gt "2026-06-01T00:00:00Z"', 30, 'users_updated_index'],
  [
    'userName eq "user-1" or externalId eq "ext-2" or emails eq "user-3@x.example"',
    3,
    'users_user_name_unique',
  ],
])(
  'among 20,000 users and under the row policy, %s is looked up by an index',
  async (filter, count, index) => {
    const { guard, total, found, nodes } = await explainSearch(ask(filter));

    expect(guard).toEqual({ role: 'tenantry_tenant', guarded: true });
    expect([found, total]).toEqual([count, count]);
    expect(nodes.map((node) => node['Index Name'])).toContain(index);
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
  },
);

test('a user is looked up by its id by the primary key', async () => {
  const { body } = await directory.entra.findUser('userName', 'user-1');
  const { total, nodes } = await explainSearch(ask(`id eq "${body.Resources?.[0]?.id}"`));

  expect(total).toBe(1);
  expect(nodes.map((node) => node['Index Name'])).toContain('users_pkey');
  expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
});

test('a look-up among 20,000 users is answered in well under a second', async () => {
  const start = performance.now();

  const { body } = await directory.entra.findUser('emails[type eq "work"].value', 'user-19999@x.example');

  expect(body.totalResults).toBe(1);
  expect(performance.now() - start).toBeLessThan(500);
});

const someId = '019a5c1e-0000-7000-8000-000000000001';

test.each([
  ['', null, 'users_created_index'],
  ['', { key: '2026-01-01T00:00:00Z', id: someId }, 'users_created_index'],
  ['meta.lastModified', { key: '2026-01-01T00:00:00Z', id: someId }, 'users_updated_index'],
  ['userName', { key: 'user-5', id: someId }, 'users_user_name_unique'],
])(
  'a page sorted by %j behind %j is read in the order of an index, without sorting',
  async (by, after, index) => {
    const { found, nodes } = await explainSearch(ask(null, by), after);

    expect(found).toBe(100);
    expect(nodes.map((node) => node['Index Name'])).toContain(index);
    expect(nodes.filter((node) => node['Node Type'] === 'Sort' && node['Relation Name'] === 'users')).toEqual(
      [],
    );
  },
);
