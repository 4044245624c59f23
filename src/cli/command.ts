import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The command line is wrong: exit code 2. The message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command was understood and did not succeed: exit code 1. The message is one line. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** What a command sees of the process it runs in. */
export type Surroundings = {
  env: Readonly<Record<string, string | undefined>>;
  /** All of standard input. */
  readInput: () => Promise<string>;
};

export type Command = {
  /** How it is called, and what it does. */
  help: string;
  /** Answers what is to be printed. Throws `UsageError` or `CommandFailed`. */
  run(words: readonly string[], surroundings: Surroundings): Promise<string>;
};

/** Reads a command's words strictly; an option that is not known is a `UsageError`. */
export function readWords<const Options extends NonNullable<ParseArgsConfig['options']>>(
  words: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? oneLine(error.message) : 'the command line cannot be read');
  }
}

/** The text with every break and run of spaces as one space. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
