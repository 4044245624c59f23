import { expect, test } from 'vitest';
import { type LimitName, type Plan, plans as allPlans, termsOf } from '../../src/domain/plans/catalogue.ts';
import { refusalOf } from '../api/answers.ts';
import { addUsers } from '../limits/crowd.ts';
import { aTenant, openWorld } from '../support/world.ts';
import { addProjects } from './projects.ts';

const world = await openWorld();
const { plans, projects, tenants } = world.operator;

type Counted = Exclude<LimitName, 'apiCalls'>;
const counted: readonly Counted[] = ['users', 'projects', 'storageBytes'];
const fills = ['below', 'at', 'over'] as const;
type Fill = Readonly<Record<Counted, (typeof fills)[number]>>;

/** Everything below, everything at the limit, and each choice of limits that are exceeded, the others just met. */
const cases: readonly Fill[] = [
  { users: 'below', projects: 'below', storageBytes: 'below' },
  ...Array.from({ length: 8 }, (_, bits): Fill => {
    const fill = (bit: number) => (bits & bit ? 'over' : 'at');
    return { users: fill(1), projects: fill(2), storageBytes: fill(4) };
  }),
];

const pairs = allPlans
  .flatMap((larger, at) => allPlans.slice(0, at).map((smaller) => ({ larger, smaller })))
  .map((pair, at) => ({ ...pair, fills: process.env['LONG'] ? cases : chooseCases(at) }));

/** Of each pair one usage that leads back and one that is refused, and of all pairs together every one. */
function chooseCases(at: number): Fill[] {
  const isRefused = ({ users, projects: used }: Fill) => users === 'over' || used === 'over';
  const [refused, passing] = [cases.filter(isRefused), cases.filter((fill) => !isRefused(fill))];
  return [passing[at % passing.length], refused[at % refused.length]].filter((fill) => fill !== undefined);
}

/** A tenant of a plan, a project that holds its files, and what the test sees of it. */
async function onPlan(plan: Plan) {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });
  const change = (to: Plan) => plans.change.mutate({ tenantId, plan: to, when: 'now', note: 'agreed' });
  await change(plan);
  const { id: projectId } = await projects.create.mutate({ tenantId, name: 'Archive' });
  const see = async () => {
    const { plan: now, limits, features, overrides, usage } = await plans.current.query({ tenantId });
    const { users, projects: used, storageBytes } = usage;
    const { settings, status } = await tenants.get.query({ tenantId });
    return { now, limits, features, overrides, settings, status, users, used, storageBytes };
  };
  return { tenantId, projectId, change, see };
}

/** Makes a tenant use as much of a plan as is said: the owner's invitation and the project count. */
async function use(tenant: { tenantId: string; projectId: string }, plan: Plan, fill: Fill): Promise<void> {
  const { tenantId: id, projectId } = tenant;
  const amount = (limit: Counted) =>
    (termsOf(plan).limits[limit] ?? Infinity) + fills.indexOf(fill[limit]) - fills.indexOf('at');
  await world.inTenant(id, async (scope) => {
    const { em } = scope;
    await em.execute(`delete from users where tenant_id = ? and origin = 'scim'`, [id]);
    await em.execute(`delete from project_files where tenant_id = ?`, [id]);
    await em.execute(`delete from projects where tenant_id = ? and id <> ?`, [id, projectId]);
    await addUsers(scope, amount('users') - 1);
    await em.execute(
      `insert into project_files (tenant_id, id, project_id, name, bytes, sha256, content_type, key_sealed,
         created_at, updated_at, by_kind)
       values (?, gen_random_uuid(), ?, 'f', ?, '', 'text/plain', '', now(), now(), 'system')`,
      [id, projectId, amount('storageBytes')],
    );
  });
  await addProjects(world, { id }, amount('projects') - 1);
}

test.each(pairs)(
  'from $larger to $smaller is refused with exactly what is over, or leads back to all that was',
  async ({ larger, smaller, fills: chosen }) => {
    const tenant = await onPlan(larger);
    for (const fill of chosen) {
      await use(tenant, smaller, fill);
      const before = await tenant.see();
      const over = counted.filter((limit) => fill[limit] === 'over');
      const blocking = over.filter((limit) => limit !== 'storageBytes');

      if (blocking.length > 0) {
        expect(await refusalOf(tenant.change(smaller))).toMatchObject({
          reason: 'PLAN_LIMIT_REACHED',
          over: blocking,
        });
      } else {
        expect(await tenant.change(smaller)).toMatchObject({ outcome: 'changed', over });
        const there = await tenant.see();
        expect(there).toMatchObject({ now: smaller, limits: termsOf(smaller).limits });
        await tenant.change(larger);
        expect(await tenant.see()).toEqual(before);
        await tenant.change(smaller);
        expect(await tenant.see()).toEqual(there);
        await tenant.change(larger);
      }

      expect(await tenant.see()).toEqual(before);
    }
  },
  120_000,
);
