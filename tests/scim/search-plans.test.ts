import { Client } from 'pg';
import { expect, test, vi } from 'vitest';
import { listProvisionedUsers } from '../../src/actions/people/provisioning.ts';
import type { TenantScope } from '../../src/db/scope.ts';
import type { UserCondition } from '../../src/domain/filter.ts';
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
    `insert into users (tenant_id, id, origin, user_name, user_name_key, external_id, display_name, display_name_key)
     select ?, gen_random_uuid(), 'scim', 'User-' || n, 'user-' || n, 'ext-' || n, 'Name ' || n, 'name ' || n
     from generate_series(1, 20000) n`,
    [tenant.id],
  );
  await em.execute(
    `insert into user_emails (tenant_id, user_id, position, value, value_key, type)
     select tenant_id, id, 0, user_name || '@x.example', user_name_key || '@x.example', 'work' from users`,
  );
}

type Plan = { 'Node Type': string; 'Index Name'?: string; 'Relation Name'?: string; Plans?: Plan[] };

/** The plans of all that a look-up asks of the database, made in the tenant's own scope. */
function explainSearch(conditions: UserCondition[]) {
  return world.inTenant(
    directory.tenant.id,
    async (scope) => {
      const [guard] = await scope.em.execute<{ role: string; guarded: boolean }[]>(
        `select current_user as role, row_security_active('users') as guarded`,
      );
      const asked = await watchStatements(scope, () =>
        listProvisionedUsers(scope, { conditions, offset: 0, limit: 100 }),
      );
      const nodes: Plan[] = [];
      for (const statement of asked.statements) {
        const [row] = await scope.em.execute<{ 'QUERY PLAN': { Plan: Plan }[] }[]>(
          `explain (format json) ${statement}`,
        );
        for (const { Plan } of row?.['QUERY PLAN'] ?? []) nodes.push(...flatten(Plan));
      }
      return { guard, total: asked.result.total, nodes };
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

const searches: [string, UserCondition, string][] = [
  ['userName', { attribute: 'userName', value: 'USER-777' }, 'users_user_name_unique'],
  ['externalId', { attribute: 'externalId', value: 'ext-777' }, 'users_external_id_unique'],
  ['displayName', { attribute: 'displayName', value: 'Name 777' }, 'users_display_name_index'],
  [
    'emails.value',
    { attribute: 'emails', type: null, value: 'User-777@X.example' },
    'user_emails_value_index',
  ],
  [
    'emails[type eq "work"].value',
    { attribute: 'emails', type: 'WORK', value: 'user-777@x.example' },
    'user_emails_value_index',
  ],
];

test.each(searches)(
  'among 20,000 users and under the row policy, %s is looked up by an index',
  async (_, condition, index) => {
    const { guard, total, nodes } = await explainSearch([condition]);

    expect(guard).toEqual({ role: 'tenantry_tenant', guarded: true });
    expect(total).toBe(1);
    expect(nodes.map((node) => node['Index Name'])).toContain(index);
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
  },
);

test('a look-up among 20,000 users is answered in well under a second', async () => {
  const start = performance.now();

  const { body } = await directory.entra.findUser('emails[type eq "work"].value', 'user-19999@x.example');

  expect(body.totalResults).toBe(1);
  expect(performance.now() - start).toBeLessThan(500);
});

test('the first page of 20,000 users is read in the order of an index, without sorting', async () => {
  const { total, nodes } = await explainSearch([]);

  expect(total).toBe(20_000);
  expect(nodes.map((node) => node['Index Name'])).toContain('users_created_index');
  expect(nodes.filter((node) => node['Node Type'] === 'Sort' && node['Relation Name'] === 'users')).toEqual(
    [],
  );
});
