import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { aRegistration, aTenant, openWorld, strongPassword } from '../support/world.ts';
import { type Answer } from '../support/http.ts';
import { ask, call } from './answers.ts';
import { theOwner } from './people.ts';

const world = await openWorld();
const tenant = await aTenant(world);
const owner = await theOwner(world, tenant);
const { id: projectId } = await owner.client.projects.create.mutate({ name: 'Here' });
const operator = world.bootstrapToken;
const uuid = randomUUID();

type Fields = Record<string, unknown>;
type Target = { name: string; valid: Fields; send: (input: Fields) => Promise<Answer> };

const rest = (path: string, valid: Fields): Target => ({
  name: path,
  valid,
  send: (body) => world.send(`/api/auth/${path}`, { body }),
});
const mutation = (procedure: string, valid: Fields, token = operator): Target => ({
  name: procedure,
  valid,
  send: (input) => call(world.url, procedure, { token, input }),
});
const query = (procedure: string, valid: Fields, token = operator): Target => ({
  name: procedure,
  valid,
  send: (input) => ask(world.url, procedure, { token, input }),
});

const page = { limit: 5, cursor: 'x' };
const tenantId = tenant.id;
const targets: Target[] = [
  rest('register', {
    email: 'a@b.example',
    password: strongPassword,
    name: 'A',
    tenantName: 'T',
    slug: 'abc',
    plan: 'free',
  }),
  rest('login', { email: 'a@b.example', password: strongPassword, tenant: 'abc' }),
  rest('refresh', { refreshToken: owner.refreshToken }),
  rest('logout', { refreshToken: 'rt_x' }),
  rest('verify-email', { token: 've_x' }),
  rest('forgot-password', { email: 'a@b.example' }),
  rest('reset-password', { token: 'pr_x', password: strongPassword }),
  rest('accept-invitation', { token: 'in_x', password: strongPassword, name: 'A' }),
  rest('exchange', { code: 'ec_x' }),
  rest('introspect', { token: 'x' }),
  mutation('tenants.create', {
    name: 'T',
    slug: 'abc',
    plan: 'free',
    adminEmail: 'a@b.example',
    adminName: 'A',
    idempotencyKey: 'k',
  }),
  query('tenants.get', { tenantId }),
  query('tenants.list', { ...page, status: 'active', plan: 'free', search: 'x' }),
  mutation('tenants.update', { tenantId, name: 'T', slug: tenant.slug }),
  mutation('tenants.advanceClock', { tenantId, by: 'P1D' }),
  mutation('onboarding.completeStep', { tenantId, step: 'contract_signed', note: 'x', evidence: 'x' }),
  mutation('onboarding.waiveStep', { tenantId, step: 'contract_signed', note: 'x' }),
  mutation('plans.change', { tenantId, plan: 'free', when: 'now', note: 'x' }),
  mutation('suspension.suspend', { tenantId, trigger: 'payment_failure', mode: 'read_only', note: 'x' }),
  mutation('suspension.reinstate', { tenantId, suspensionId: uuid, note: 'x' }),
  query('directory.users.list', { tenantId, ...page }),
  query('directory.users.get', { tenantId, userId: uuid }),
  mutation('directory.users.setRole', { tenantId, userId: uuid, role: 'member' }),
  mutation('connections.scim.createToken', { tenantId, label: 'x', expiresAt: '2099-01-01T00:00:00Z' }),
  mutation('connections.scim.revokeToken', { tenantId, tokenId: uuid }),
  mutation('connections.sso.create', {
    tenantId,
    name: 'x',
    entityId: 'x',
    ssoUrl: 'https://a.example',
    state: 'draft',
    jit: 'on',
  }),
  mutation('projects.create', { name: 'x', description: 'x', idempotencyKey: 'k' }, owner.accessToken),
  query('projects.list', page, owner.accessToken),
  mutation('projects.update', { projectId, name: 'x', description: 'x' }, owner.accessToken),
  query('audit.list', {
    tenantId,
    ...page,
    actor: uuid,
    action: 'tenant.created',
    since: '2026-01-01T00:00:00Z',
    until: '2026-01-01T00:00:00Z',
  }),
  mutation('operators.create', { email: 'a@b.example', name: 'A', role: 'billing' }),
  mutation('operators.setRole', { operatorId: uuid, role: 'billing' }),
  mutation('serviceClients.create', { name: 'x' }),
  mutation('serviceClients.revoke', { clientId: uuid }),
];

const strange: [string, (value: string) => unknown][] = [
  ['U+0000', (value) => `${value}\0`],
  ['a lone surrogate', (value) => `${value}\uD800`],
  ['too much', (value) => value + 'x'.repeat(20_000)],
  ['a number', () => 7],
  ['null', () => null],
  ['a list', (value) => [value]],
  ['an object', () => ({ $ne: null, toString: 1 })],
];

const inputs = targets.flatMap((target) =>
  Object.keys(target.valid)
    .filter((field) => typeof target.valid[field] === 'string')
    .map((field) => [target.name, field, target] as const),
);

/** Refusals that blame the caller: Node itself refuses what does not fit into an address (431). */
const blameTheCaller = [
  [400, 'INVALID_INPUT'],
  [401, 'INVALID_CREDENTIALS'],
  [431, undefined],
];

test.each(inputs)(
  '%s: whatever stands in %s is refused, and no fault of ours',
  async (name, field, { valid, send }) => {
    for (const [what, make] of strange) {
      const answer = await send({ ...valid, [field]: make(String(valid[field])) });

      // Signing out says nothing about a token that it does not know.
      if (name === 'logout' && answer.status === 204) continue;
      const data = answer.body?.error?.data ?? answer.body;
      expect([what, answer.status, data?.reason]).toEqual([what, ...refusalLike(answer.status)]);
    }
  },
);

function refusalLike(status: number): unknown[] {
  return blameTheCaller.find(([known]) => known === status) ?? ['a refusal that blames the caller'];
}

test('nothing that was refused has left a project, a tenant or a session', async () => {
  expect((await owner.client.projects.list.query()).items.map(({ name }) => name)).toEqual(['Here']);
  expect((await world.operator.tenants.list.query()).items.map(({ id }) => id)).toEqual([tenant.id]);
  expect((await aRegistration(world)).tenant.status).toBe('active');
});
