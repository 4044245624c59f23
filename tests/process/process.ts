import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { createTenantryClient, type TenantryClient } from '../../src/cli/client.ts';
import { environment } from '../../src/infra/environment.ts';
import { findServer } from '../../src/infra/postgres/server.ts';
import { locationOf } from '../infra/data-dirs.ts';

export type Settings = Record<string, string>;
export type Ending = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };
export type Account = { uid: number; gid: number };

type LaunchOptions = { words?: readonly string[]; command?: readonly string[]; account?: Account };

export const root = join(import.meta.dirname, '../..');
/** npm puts its folder of programs first, so that `node` is the project's own. */
export const binFolder = join(root, 'node_modules/.bin');

export type Launched = {
  child: ChildProcess;
  output: () => string;
  /** Resolves when it has ended, by itself or by a signal. */
  ended: Promise<Ending>;
  /** Sends a signal, and answers how and after how many milliseconds it ended. */
  end(signal: NodeJS.Signals): Promise<Ending & { milliseconds: number }>;
};

export type Serving = Launched & { url: string; token: string; client: TenantryClient };

/** Starts the service as its users do, with these settings alone, on a free port. It is killed after the test. */
export function launch(settings: Settings, { words = [], command, account }: LaunchOptions = {}): Launched {
  const [program = process.execPath, ...first] = command ?? [process.execPath, join(root, 'src/main.ts')];
  const child = spawn(program, [...first, ...words], {
    ...account,
    cwd: root,
    env: {
      PATH: `${binFolder}:${process.env['PATH']}`,
      HOME: '/nonexistent',
      ...nothingSet(),
      PORT: '0',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (printed[name] += text));
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...printed }));
  onTestFinished(() => clearAway(child, settings['DATA_DIR']));
  return {
    child,
    ended,
    output: () => printed.stdout + printed.stderr,
    async end(signal) {
      const started = performance.now();
      child.kill(signal);
      return { ...(await ended), milliseconds: performance.now() - started };
    },
  };
}

/** Starts it, and waits until it is ready. */
export async function serve(settings: Settings, options: LaunchOptions = {}): Promise<Serving> {
  const launched = launch(settings, options);
  const end = Date.now() + 40_000;
  for (;;) {
    const port = /"port":(\d+)/.exec(launched.output())?.[1];
    const url = `http://localhost:${port}`;
    if (port !== undefined && (await isReady(url))) {
      const token =
        settings['BOOTSTRAP_OPERATOR_TOKEN'] ?? /bootstrap_[\w-]+/.exec(launched.output())?.[0] ?? '';
      return { ...launched, url, token, client: createTenantryClient({ url, token }) };
    }
    if (launched.child.exitCode !== null || Date.now() > end) {
      throw new Error(`the service did not come up:\n${launched.output()}`);
    }
    await delay(50);
  }
}

/** The service's own PostgreSQL under this folder, if it runs. */
export async function serverOf(dataDir: string) {
  return findServer(join((await locationOf(dataDir)) ?? join(dataDir, 'postgres'), 'cluster', 'data'));
}

/** Whatever is set around the tests is not meant for the service; an empty variable counts as left out. */
function nothingSet(): Settings {
  return Object.fromEntries(Object.keys(environment.shape).map((name) => [name, '']));
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/readyz`).catch(() => null);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}

async function clearAway(child: ChildProcess, dataDir: string | undefined): Promise<void> {
  const gone = child.exitCode !== null || child.signalCode !== null ? null : once(child, 'exit');
  // The whole group: npm leaves its child behind when it is killed.
  if (child.pid !== undefined && gone) process.kill(-child.pid, 'SIGKILL');
  await gone;
  if (dataDir === undefined) return;
  const left = await serverOf(dataDir);
  if (left) process.kill(left.pid, 'SIGQUIT');
  while (await serverOf(dataDir)) await delay(20);
}
