import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { ServiceProvider, Suite } from './suite.ts';

/** The versions that it is run with, from the Python package index. */
const packages = ['scim2-tester==0.5.2', 'scim2-client[httpx2]==0.13.2', 'scim2-models==0.12.3'];
const installSeconds = 180;
const runSeconds = 300;

const name = 'scim2-tester (PyPI)';
const check = z.object({ status: z.string(), name: z.string(), reason: z.string() });
type Check = z.infer<typeof check>;

const run = promisify(execFile);

/** Runs scim2-tester in a Python environment that is thrown away; says why where there is none for it. */
export async function runScim2Tester({ baseUrl, token }: ServiceProvider): Promise<Suite> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-scim2-tester-'));
  try {
    const python = await installInto(folder).catch((error: Error) => error);
    if (python instanceof Error) return { name, outcomes: [], deviations: [], notRun: reasonOf(python) };
    const script = fileURLToPath(new URL('./scim2_tester_run.py', import.meta.url));
    const options = { timeout: runSeconds * 1000, maxBuffer: 2 ** 26 };
    const { stdout } = await run(python, [script, baseUrl, token], options);
    return suiteOf(
      stdout
        .trim()
        .split('\n')
        .map((line) => check.parse(JSON.parse(line))),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function installInto(folder: string): Promise<string> {
  const options = { timeout: installSeconds * 1000 };
  await run(
    'python3',
    ['-c', 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 is needed"'],
    options,
  );
  await run('python3', ['-m', 'venv', folder], options);
  const python = join(folder, 'bin', 'python');
  await run(python, ['-m', 'pip', 'install', '--quiet', '--no-input', ...packages], options);
  return python;
}

function reasonOf(error: Error): string {
  if ('code' in error && error.code === 'ENOENT') return 'there is no python3';
  const lines = error.message.trim().split('\n');
  return `it could not be installed: ${lines.at(-1) ?? ''}`;
}

function suiteOf(checks: readonly Check[]): Suite {
  const outcomes = checks.map(({ status, name, reason }) => ({
    name,
    failures: ['ERROR', 'CRITICAL'].includes(status) ? [reason] : [],
    ...(status === 'SKIPPED' && { skipped: reason }),
  }));
  const deviating = checks.filter(({ status }) => status === 'DEVIATION');
  return { name, outcomes, deviations: deviating.map((each) => `${each.name}: ${each.reason}`) };
}
