import { execFile } from 'node:child_process';

export type Run = { code: number; stdout: string; stderr: string };
type RunOptions = { cwd?: string; env?: Record<string, string>; input?: string };

/** Runs a program to its end with nothing of our environment but the place of programs. */
export function runProgram(
  command: readonly [string, ...string[]],
  { cwd, env = {}, input }: RunOptions = {},
): Promise<Run> {
  const [program, ...words] = command;
  return new Promise((resolve, reject) => {
    const options = {
      cwd,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      maxBuffer: 1e8,
    };
    const child = execFile(program, words, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}
