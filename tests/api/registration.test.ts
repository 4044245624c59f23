import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { Deadline } from '../../src/db/entities/control.ts';
import { Tenant } from '../../src/db/entities/tenant.ts';
import { aRegistration, mailTo, openWorld, strongPassword } from '../support/world.ts';
import { type Answer } from '../support/http.ts';
import { tokenIn } from '../support/mails.ts';

const world = await openWorld();

const days = (count: number) => count * 86_400_000;
const form = (more: Record<string, unknown> = {}) => ({
  email: `new-${randomUUID()}@mail.example`,
  password: strongPassword,
  name: 'Nora New',
  tenantName: 'Newcomers',
  ...more,
});
const register = (more?: Record<string, unknown>): Promise<Answer> =>
  world.send('/api/auth/register', { body: form(more) });
const countTenants = () =>
  world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) => em.count(Tenant));

test('registering opens a tenant, signs its owner in and mails a link that verifies the address', async () => {
  const { email, accessToken, tenant } = await aRegistration(world);
  const verified = await world.send('/api/auth/verify-email', {
    body: { token: tokenIn(await mailTo(world, email)) },
  });
  const me = await world.send('/api/auth/me', { token: accessToken });

  expect(verified.status).toBe(200);
  expect(tenant).toMatchObject({ plan: 'free', status: 'active' });
  expect(me.body).toMatchObject({ user: { email, emailVerified: true, role: 'owner' }, accessMode: 'full' });
});

test('a slug is registered once, also when two ask at the same moment', async () => {
  const slug = `same-${randomUUID().slice(0, 8)}`;

  const answers = await Promise.all([register({ slug }), register({ slug })]);

  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
    reason: 'CONFLICT',
    detail: 'this slug is taken',
  });
});

test.each(['starter', 'professional'] as const)('on %s a trial of fourteen days begins', async (plan) => {
  const { tenant } = await aRegistration(world, { plan });

  expect(tenant).toMatchObject({ plan, status: 'trial', accessMode: 'full' });
  const left = Date.parse(tenant.trialEndsAt) - Date.now();
  expect(left).toBeGreaterThan(days(14) - 60_000);
  expect(left).toBeLessThanOrEqual(days(14));
  const deadlines = await world.db.asControlPlane(world.entry({ kind: 'system' }), ({ em }) =>
    em.find(Deadline, { tenantId: tenant.id }, { orderBy: { dueAt: 'asc' } }),
  );
  const end = Date.parse(tenant.trialEndsAt);
  expect(deadlines.map(({ kind, dueAt }) => [kind, end - dueAt.getTime()])).toEqual([
    ['trial_notice_7', days(7)],
    ['trial_will_end', days(3)],
    ['trial_notice_1', days(1)],
    ['trial_end', 0],
  ]);
});

test('enterprise is not for registering oneself', async () => {
  const before = await countTenants();

  const { status, body } = await register({ plan: 'enterprise' });

  expect(status).toBe(403);
  expect(body.reason).toBe('PERMISSION_DENIED');
  expect(await countTenants()).toBe(before);
});

test.each([
  ['short', 'the password has 5 characters: it needs at least 8'],
  ['password123', /^the password .+: use a longer one, of several unrelated words$/],
  ['Newcomers1', /^the password .+: use a longer one, of several unrelated words$/],
  ['x'.repeat(300), 'the password is longer than 256 bytes'],
])('the weak password %j is refused with a sentence', async (password, sentence) => {
  const before = await countTenants();

  const { status, body } = await register({ password });

  expect(status).toBe(400);
  expect(body).toMatchObject({ reason: 'INVALID_INPUT', field: 'password' });
  expect(body.detail).toMatch(sentence);
  expect(await countTenants()).toBe(before);
});

test.each([
  ['email', 'not an address'],
  ['email', `${'x'.repeat(250)}@mail.example`],
  ['name', ''],
  ['name', ' \t '],
  ['tenantName', 'x'.repeat(256)],
  ['slug', 'Upper-Case'],
  ['slug', '-hyphen'],
  ['slug', 'api'],
  ['plan', 'platinum'],
  ['password', undefined],
])('%s cannot be %j', async (field, value) => {
  const { status, body } = await register({ [field]: value });

  expect(status).toBe(400);
  expect(body).toMatchObject({ reason: 'INVALID_INPUT', fields: [field] });
  expect(body.detail).toContain(`${field}: `);
});

test('without a slug one is made of the name, and two of the same name differ', async () => {
  const [one, two] = await Promise.all([
    register({ tenantName: 'Åsa & Søn' }),
    register({ tenantName: 'Åsa & Søn' }),
  ]);

  expect(one.body.tenant.slug).toMatch(/^asa-s/);
  expect(two.body.tenant.slug).not.toBe(one.body.tenant.slug);
});
