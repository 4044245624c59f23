import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aTenant, openWorld } from '../support/world.ts';
import { runProgram } from './program.ts';

const world = await openWorld({ env: { ROLE: 'web' } });
const program = join(import.meta.dirname, '../../src/cli/main.ts');
const env = { TENANTRY_URL: world.url, TENANTRY_TOKEN: world.bootstrapToken };
const tenantry = (...words: string[]) => runProgram([process.execPath, program, ...words], { env });

const day = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * day).toISOString().slice(0, 10);

test('a tenant is rehearsed by its slug or its id, as a dated list or as JSON', async () => {
  const { id, slug } = await aTenant(world, { plan: 'professional' });
  await aTenant(world, { plan: 'free' });

  const bySlug = await tenantry('rehearse', slug, '--until', inDays(20));
  const asJson = await tenantry('rehearse', id, '--until', `${inDays(20)}T12:00:00Z`, '--json');

  const lines = bySlug.stdout.trimEnd().split('\n');
  expect([bySlug.code, bySlug.stderr, asJson.code]).toEqual([0, '', 0]);
  expect(lines[0]).toMatch(/Z {2}now: it is trial on the professional plan/);
  expect(lines.at(-1)).toMatch(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z {2}/);
  expect(bySlug.stdout).toContain('plan changes from professional to free');
  expect(JSON.parse(asJson.stdout)).toMatchObject({ tenantId: id, entries: expect.any(Array) });
  expect((await world.operator.tenants.get.query({ tenantId: id })).status).toBe('trial');
});

test.each([
  [['acme'], 2, /--until/],
  [['acme', '--until', 'tomorrow'], 2, /--until/],
  [['--until', '2099-01-01'], 2, /name one tenant/],
  [
    ['nobody-has-this-slug', '--until', inDays(9)],
    1,
    /^there is no tenant with the slug nobody-has-this-slug$/m,
  ],
  [['01a210ea-ce37-74da-b4e3-007e8ca302e0', '--until', inDays(9)], 1, /^NOT_FOUND: no such tenant/],
])('rehearse %j ends with %i and says why in one line', async (words, code, why) => {
  const run = await tenantry('rehearse', ...words);

  expect([run.code, run.stdout]).toEqual([code, '']);
  expect(run.stderr).toMatch(why);
  expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
});

test('a day that has passed is refused', async () => {
  const { slug } = await aTenant(world, { plan: 'free' });

  const run = await tenantry('rehearse', slug, '--until', inDays(-1));

  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/^INVALID_INPUT: until: /);
});
