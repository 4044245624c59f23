import { mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openWorld } from '../support/world.ts';
import { runProgram } from './program.ts';

const root = join(import.meta.dirname, '../..');
const bin = join(root, 'node_modules/.bin');
/** The machine's own programs, without those of this project. */
const ownPath = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((folder) => folder !== bin)
  .join(delimiter);
const env = { PATH: ownPath };
const npm = await runProgram(['npm', '--version'], { env }).catch(() => null);

// Packing and installing is npm's work: without npm there is nothing to try.
describe.skipIf(npm === null)(
  'the package, installed in an empty project',
  { timeout: 120_000 },
  async () => {
    const world = await openWorld();
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'tenantry-package-')));
    afterAll(() => rm(folder, { recursive: true, force: true }));

    test('holds the client and the command line alone', async () => {
      await finish(['npm', 'pack', '--pack-destination', folder], {
        cwd: root,
        env: { ...env, PATH: `${bin}:${ownPath}` },
      });
      const tarball = (await readdir(folder)).find((file) => file.endsWith('.tgz')) ?? '';
      await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
      const flags = ['--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
      await finish(['npm', 'install', ...flags, join(folder, tarball)], { cwd: folder, env });

      const files = await finish(['tar', '-tzf', tarball], { cwd: folder });

      const places = files
        .trim()
        .split('\n')
        .map((file) => file.replace(/^package\//, ''));
      expect(places).toContain('dist/src/cli/client.d.ts');
      const besides =
        /^(?:package\.json|README\.md|LICENSE|dist\/src\/domain\/(?:refusal\.d\.ts|canonical-json\.js)|dist\/src\/cli\/[\w-]+\.(?:js|d\.ts))$/;
      expect(places.filter((place) => !besides.test(place))).toEqual([]);
    });

    test('types every call to the last field, libraries included', async () => {
      await writeFile(join(folder, 'program.ts'), programText);
      await writeFile(join(folder, 'wrong.ts'), wrongText);
      const tsc = [process.execPath, join(root, 'node_modules/typescript/bin/tsc')] as const;
      const flags = [
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2022',
        '--lib',
        'es2022,dom,esnext.disposable',
      ];
      const options = [...flags, '--skipLibCheck', 'false', '--types', ''];

      await finish([...tsc, ...options, 'program.ts'], { cwd: folder });
      const wrong = await runProgram([...tsc, ...options, '--noEmit', 'wrong.ts'], { cwd: folder });

      expect(wrong.code).not.toBe(0);
      expect(wrong.stdout.match(/^wrong\.ts\(\d+,\d+\): error TS\d+/gm)).toHaveLength(4);
      expect(wrong.stdout).toMatch(/wrong\.ts\(2,.*'slugg' does not exist/);
      expect(wrong.stdout).toMatch(/wrong\.ts\(3,.*"gold"/);
      expect(wrong.stdout).toMatch(/wrong\.ts\(4,.*Property 'nothing' does not exist/);
      expect(wrong.stdout).toMatch(/wrong\.ts\(5,.*"NO_SUCH_REASON"/);
    });

    test('runs on the Node that is there, as a client and as a command', async () => {
      const access = { TENANTRY_URL: world.url, TENANTRY_TOKEN: world.bootstrapToken };

      const program = await finish(['node', 'program.js'], { cwd: folder, env: { ...env, ...access } });
      const words = ['call', 'tenants.list', '{"search":"packed"}'] as const;
      const called = await finish(['npx', '--no-install', 'tenantry', ...words], {
        cwd: folder,
        env: { ...env, ...access },
      });

      expect(JSON.parse(program)).toEqual({ status: 'onboarding', reason: 'CONFLICT' });
      expect(JSON.parse(called).items).toMatchObject([{ slug: 'packed' }]);
    });

    test('the command runs in the checkout as well', async () => {
      const words = ['call', 'plans.catalogue', '--url', world.url, '--token', world.bootstrapToken] as const;

      const answer = await finish(['npx', 'tenantry', ...words], { cwd: root, env });

      expect(JSON.stringify(JSON.parse(answer))).toContain('enterprise');
    });
  },
);

/** Runs a program that must succeed; answers what it printed. */
async function finish(...[command, options]: Parameters<typeof runProgram>): Promise<string> {
  const { code, stdout, stderr } = await runProgram(command, options);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}

const programText = `
import { createTenantryClient, readRefusal } from 'tenantry/client';
declare const process: { env: Record<string, string> };
const client = createTenantryClient({ url: process.env['TENANTRY_URL'] ?? '', token: () => process.env['TENANTRY_TOKEN'] ?? '' });
const input = { name: 'Packed', slug: 'packed', plan: 'enterprise', adminEmail: 'ada@packed.example' } as const;
const made = await client.tenants.create.mutate(input);
const status: 'onboarding' | 'trial' | 'active' | 'suspended' | 'offboarded' = made.status;
const reason = await client.tenants.create.mutate(input).then(() => null, (error: unknown) => readRefusal(error)?.reason);
console.log(JSON.stringify({ status, reason }));
`;

const wrongText = `import { type CallRefusal, createTenantryClient } from 'tenantry/client'; const client = createTenantryClient({ url: '', token: '' });
await client.tenants.create.mutate({ name: 'A', slugg: 'a', plan: 'free', adminEmail: 'a@a.example' });
await client.tenants.create.mutate({ name: 'A', slug: 'a', plan: 'gold', adminEmail: 'a@a.example' });
console.log((await client.tenants.get.query({ tenantId: '' })).nothing);
export const reason: CallRefusal['reason'] = 'NO_SUCH_REASON';
`;
