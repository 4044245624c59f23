import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { environment } from '../../src/infra/environment.ts';

export type ServiceProcess = {
  url: string;
  pid: number;
  /** Waits until it serves, and throws with what it said when it does not come to that. */
  becomeReady(): Promise<void>;
  /** What the service has printed, and logged. */
  output: () => string;
  /** The lines of its log that tell of an error. */
  errors: () => string[];
  /** Asks it to end, and answers its exit code; harmless twice. */
  stop(): Promise<number | null>;
};

export type DataFolder = { path: string; remove(): Promise<void> };

const root = fileURLToPath(new URL('../../', import.meta.url));
const startLimitMs = 60_000;
const stopLimitMs = 20_000;

/** A data folder to throw away, with the database that the service may have had to put elsewhere. */
export async function makeDataFolder(): Promise<DataFolder> {
  const path = await mkdtemp(join(tmpdir(), 'tenantry-'));
  // As root the database runs as another account, which must be able to pass through.
  await chmod(path, 0o711);
  return {
    path,
    async remove() {
      const note = await readFile(join(path, 'postgres-location'), 'utf8').catch(() => '');
      const [elsewhere] = note.split('\n');
      if (elsewhere) await rm(elsewhere, { recursive: true, force: true });
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Starts the service as its users do, on a free port. It is not ready yet, but can be stopped already. */
export async function startServiceProcess(settings: Record<string, string>): Promise<ServiceProcess> {
  const port = await findFreePort();
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: root,
    env: { ...process.env, ...leftOut(), PORT: String(port), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Of its own group: an interrupt from the terminal is passed on by us, in order.
    detached: true,
  });
  return watch(child, `http://localhost:${port}`);
}

function watch(child: ChildProcess, url: string): ServiceProcess {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const ended = once(child, 'exit');
  return {
    url,
    pid: child.pid ?? 0,
    async becomeReady() {
      if (!(await answers(child, `${url}/readyz`))) throw new Error(`the service did not start:\n${output}`);
    },
    output: () => output,
    errors: () => output.split('\n').filter((line) => /"level":[56]0/.test(line)),
    async stop() {
      if (child.exitCode === null) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
      await ended;
      clearTimeout(timer);
      return child.exitCode;
    },
  };
}

async function answers(child: ChildProcess, url: string): Promise<boolean> {
  const end = Date.now() + startLimitMs;
  while (child.exitCode === null && Date.now() < end) {
    const answer = await fetch(url).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) return true;
    await delay(50);
  }
  return false;
}

/** Whatever is set around us is not meant for this service; an empty variable counts as left out. */
function leftOut(): Record<string, string> {
  return Object.fromEntries(Object.keys(environment.shape).map((name) => [name, '']));
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a listening server has no port');
  return address.port;
}
