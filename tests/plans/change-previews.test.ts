import { expect, test } from 'vitest';
import { refusalOf } from '../api/answers.ts';
import { anInvitation } from '../api/people.ts';
import { aTenant, openWorld } from '../support/world.ts';

const world = await openWorld();
const { plans } = world.operator;
const note = 'agreed';

test('a preview of a change tells what then happens, and is refused when the world has moved', async () => {
  const { id: tenantId } = await aTenant(world);
  const change = { tenantId, plan: 'free' as const, when: 'now' as const, note };

  const first = await plans.change.mutate({ ...change, preview: true });
  await plans.setOverrides.mutate({ tenantId, limits: { users: 9 }, note });
  const previewToken = first.preview?.previewToken;
  const stale = await refusalOf(plans.change.mutate({ ...change, previewToken }));
  const second = await plans.change.mutate({ ...change, preview: true });
  const done = await plans.change.mutate({ ...change, previewToken: second.preview?.previewToken });

  const { preview, effectiveAt: _, ...told } = second;
  const { effectiveAt: __, ...happened } = done;
  expect(stale.reason).toBe('CONFLICT');
  expect(preview?.state.after.plan).toBe('free');
  expect(happened).toEqual(told);
  expect(happened.effects).toMatchObject({
    gained: [],
    lost: ['sso', 'scim'],
    smaller: ['projects', 'storageBytes', 'apiCalls'],
    overridesKept: { expiresAt: null },
    prices: { before: [], after: [] },
  });
});

test('of a change to a smaller plan and 32 invitations at once, none ends above the limit', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'professional' });

  const invited = Array.from({ length: 32 }, (_, n) =>
    anInvitation(world, tenantId, { email: `r${n}@${tenantId}.example`, role: 'member' }),
  );
  await Promise.allSettled([...invited, plans.change.mutate({ tenantId, plan: 'free', when: 'now', note })]);

  const { usage, limits } = await plans.current.query({ tenantId });
  expect(usage.users).toBeLessThanOrEqual(limits.users ?? 0);
});
