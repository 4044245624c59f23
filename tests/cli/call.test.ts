import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aTenant, openWorld } from '../support/world.ts';
import { runProgram } from './program.ts';

const world = await openWorld();
const program = join(import.meta.dirname, '../../src/cli/main.ts');
const env = { TENANTRY_URL: world.url, TENANTRY_TOKEN: world.bootstrapToken };
const tenantry = (words: string[], options = {}) =>
  runProgram([process.execPath, program, ...words], { env, ...options });

test('a query and a mutation print what they answer, as JSON', async () => {
  const input = { name: 'Acme', slug: 'acme-cli', plan: 'enterprise', adminEmail: 'ada@acme.example' };

  const made = await tenantry(['call', 'tenants.create', JSON.stringify(input)]);
  const listed = await tenantry(['call', 'tenants.list', '{"search":"acme-cli"}']);

  expect([made.code, made.stderr, listed.code, listed.stderr]).toEqual([0, '', 0, '']);
  const tenant = JSON.parse(made.stdout);
  expect(tenant).toMatchObject({ slug: 'acme-cli', status: 'onboarding' });
  expect(JSON.parse(listed.stdout).items).toMatchObject([{ id: tenant.id, slug: 'acme-cli' }]);
});

test('a mutation is sent once', async () => {
  const { id: tenantId } = await aTenant(world);

  const { code } = await tenantry(['call', 'projects.create', JSON.stringify({ tenantId, name: 'one' })]);

  expect(code).toBe(0);
  expect((await world.operator.projects.list.query({ tenantId })).items.map(({ name }) => name)).toEqual([
    'one',
  ]);
  const { items } = await world.operator.audit.list.query({ tenantId, action: 'project.created' });
  expect(items).toHaveLength(1);
});

test('options go before the variables, and - reads the input', async () => {
  const words = ['call', 'tenants.list', '-', '--url', `${world.url}/`, '--token', world.bootstrapToken];

  const { code, stdout } = await tenantry(words, {
    input: '{"limit":1}',
    env: { TENANTRY_URL: 'http://127.0.0.1:1', TENANTRY_TOKEN: 'x' },
  });

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toHaveProperty('items');
});

test('an input larger than any header gets through', async () => {
  const { id: tenantId } = await aTenant(world);
  const input = JSON.stringify({ tenantId, name: 'IdP', metadataXml: `<x>${'y'.repeat(100_000)}</x>` });

  const { code, stderr } = await tenantry(['call', 'connections.sso.create', '-'], { input });

  expect([code, stderr]).toEqual([1, expect.stringMatching(/^INVALID_INPUT: /)]);
});

test('a refusal is one line with its reason and its data, and exit code 1', async () => {
  const { id: tenantId } = await aTenant(world, { plan: 'free' });

  const { code, stdout, stderr } = await tenantry([
    'call',
    'connections.scim.createToken',
    JSON.stringify({ tenantId, label: 'x' }),
  ]);

  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^PLAN_FEATURE_REQUIRED: [^\n]+ \{[^\n]*"feature":"scim"[^\n]*\}\n$/);
});

test.each([
  ['a procedure that does not exist', ['tenants.nothing'], /^NOT_FOUND: [^\n]+\n$/],
  ['an input that is not valid', ['tenants.get', '{"tenantId":"x"}'], /^INVALID_INPUT: [^\n]+\n$/],
  ['a token that is not known', ['tenants.list', '--token', 'x'], /^INVALID_CREDENTIALS: [^\n]+\n$/],
  [
    'a service that is not there',
    ['tenants.list', '--url', 'http://127.0.0.1:49151'],
    /^cannot call .*ECONNREFUSED[^\n]*\n$/,
  ],
])('%s is one line and exit code 1', async (_, words, line) => {
  const { code, stdout, stderr } = await tenantry(['call', ...words]);

  expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(line)]);
});

test.each([
  ['no command', [], /^tenantry call PROCEDURE/],
  ['an unknown command', ['dance'], /^there is no command dance: /],
  ['no procedure', ['call'], /^name a procedure/],
  ['a name that cannot be one', ['call', '../healthz'], /^..\/healthz is not the name of a procedure/],
  ['an input that is not JSON', ['call', 'tenants.list', '{limit}'], /^the input is not JSON: /],
  ['a word too many', ['call', 'tenants.list', '{}', '{}'], /^give the input as one word/],
  ['an unknown option', ['call', 'tenants.list', '--tokn', 'x'], /^Unknown option '--tokn'/],
  ['a URL that is none', ['call', 'tenants.list', '--url', 'localhost'], /^--url must be/],
])('%s is wrong usage: exit code 2', async (_, words, line) => {
  const { code, stdout, stderr } = await tenantry(words);

  expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(line)]);
});

test('without a token it is wrong usage', async () => {
  const { code, stderr } = await tenantry(['call', 'tenants.list'], { env: { TENANTRY_URL: world.url } });

  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/^give a token with --token or TENANTRY_TOKEN[^\n]*\n$/),
  ]);
});

test('help is an answer', async () => {
  const [all, one] = await Promise.all([tenantry(['--help']), tenantry(['call', '--help'])]);

  expect([all.code, one.code]).toEqual([0, 0]);
  expect(all.stdout).toContain('Exit code: 0 done, 1 refused or not valid, 2 wrong usage.');
  expect(one.stdout).toContain('tenantry call PROCEDURE [JSON]');
});
