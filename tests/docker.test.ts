import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

function works(...args: string[]): boolean {
  try {
    execFileSync('docker', args, { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

const hasCompose = works('compose', 'version');
const hasEngine = works('info');
if (!hasCompose)
  console.warn('skipped: docker compose is not on this machine, docker-compose.yml is not checked');
if (!hasEngine) console.warn('skipped: no Docker engine runs on this machine, the image is not built');

test.skipIf(!hasCompose)('docker-compose.yml is what compose understands', () => {
  execFileSync('docker', ['compose', '-f', 'docker-compose.yml', 'config', '--quiet'], { cwd: root });
});

test.skipIf(!hasEngine)('the image builds and runs as an ordinary user', { timeout: 600_000 }, () => {
  execFileSync('docker', ['build', '--quiet', '--tag', 'tenantry:test', '.'], { cwd: root });
  const user = execFileSync('docker', ['run', '--rm', '--entrypoint', 'id', 'tenantry:test', '-un'], {
    encoding: 'utf8',
  });

  expect(user.trim()).toBe('node');
});

test('the image and the compose file name what is in the repository', () => {
  const dockerfile = readFileSync(`${root}/Dockerfile`, 'utf8');
  const compose = readFileSync(`${root}/docker-compose.yml`, 'utf8');

  expect(dockerfile).toContain('USER node');
  expect(dockerfile).toContain('CMD ["node", "src/main.ts"]');
  expect(compose).toContain('./docs/postgres-roles.sql');
});
