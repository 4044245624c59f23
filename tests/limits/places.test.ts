import { expect, test } from 'vitest';
import { refusalOf } from '../api/answers.ts';
import { aRegistration, openWorld } from '../support/world.ts';

const world = await openWorld();

test('the project after the last one of the plan is refused with what is allowed, used, and would do', async () => {
  const { accessToken } = await aRegistration(world);
  const { projects } = world.as(accessToken);
  for (let made = 1; made <= 10; made += 1) await projects.create.mutate({ name: `P${made}` });

  const refused = await refusalOf(projects.create.mutate({ name: 'one more' }));

  expect(refused).toMatchObject({
    reason: 'PLAN_LIMIT_REACHED',
    limit: 'projects',
    allowed: 10,
    used: 10,
    requiredPlan: 'starter',
  });
});
