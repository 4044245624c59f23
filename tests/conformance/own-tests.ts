import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Suite } from './suite.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const limitSeconds = 300;

/** How the name of a test says that we do otherwise, which scim/README.md explains. */
const deviation = /, (?:where the collection|so its) /;

const report = z.object({
  testResults: z.array(
    z.object({
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({ title: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

const run = promisify(execFile);

/** Runs test files of ours that restate a suite which runs nowhere but at its vendor's. */
export async function runOwnTests(name: string, ...files: string[]): Promise<Suite> {
  const missing = files.filter((file) => !existsSync(join(root, file)));
  if (missing.length > 0) throw new Error(`there is no ${missing.join(', ')}`);
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-conformance-'));
  const output = join(folder, 'report.json');
  try {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const words = ['run', '--reporter=json', `--outputFile=${output}`, ...files];
    // It ends with an error when a test fails; the report says which.
    await run(process.execPath, [vitest, ...words], { cwd: root, timeout: limitSeconds * 1000 }).catch(
      () => undefined,
    );
    return suiteOf(name, await readFile(output, 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function suiteOf(name: string, text: string): Suite {
  const { testResults } = report.parse(JSON.parse(text));
  const outcomes = testResults.flatMap(({ assertionResults, message }) =>
    assertionResults.length === 0
      ? [{ name: 'the file', failures: [message ?? 'it holds no tests'] }]
      : assertionResults.map(({ title, status, failureMessages }) => ({
          name: title,
          failures: status === 'failed' ? [failureMessages?.[0]?.split('\n')[0] ?? 'failed'] : [],
          ...(status !== 'failed' && status !== 'passed' && { skipped: status }),
        })),
  );
  const deviating = outcomes.filter((outcome) => deviation.test(outcome.name));
  return { name, outcomes, deviations: deviating.map((outcome) => outcome.name) };
}
