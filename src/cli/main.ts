#!/usr/bin/env node
import { text } from 'node:stream/consumers';
import { call } from './call.ts';
import { type Command, CommandFailed, UsageError } from './command.ts';
import { rehearse } from './rehearse.ts';
import { verifyCertificate } from './verify-certificate.ts';

const commands: Readonly<Record<string, Command>> = {
  call,
  rehearse,
  'verify-certificate': verifyCertificate,
};

/** Runs the command that the words name; answers the exit code: 0 done, 1 refused or not valid, 2 wrong usage. */
async function main([name, ...words]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h') {
    const out = name === undefined ? process.stderr : process.stdout;
    out.write(`${helpOfAll()}\n`);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) return fail(`there is no command ${name}: try tenantry --help`, 2);
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(`${command.help}\n`);
    return 0;
  }
  try {
    process.stdout.write(
      `${await command.run(words, { env: process.env, readInput: () => text(process.stdin) })}\n`,
    );
    return 0;
  } catch (error) {
    if (error instanceof UsageError) return fail(`${error.message}: try tenantry ${name} --help`, 2);
    if (error instanceof CommandFailed) return fail(error.message, 1);
    throw error;
  }
}

function helpOfAll(): string {
  const helps = Object.values(commands).map(({ help }) => help);
  return `${helps.join('\n\n')}\n\nExit code: 0 done, 1 refused or not valid, 2 wrong usage.`;
}

function fail(line: string, exitCode: number): number {
  process.stderr.write(`${line}\n`);
  return exitCode;
}

process.exitCode = await main(process.argv.slice(2));
