import { inspect, isDeepStrictEqual, styleText } from 'node:util';

/** Looks at one thing: it must be as expected (a text may be expected to match). What was seen is printed. */
export type Sees = (what: string, actual: unknown, expected: unknown) => void;

/** Plays one step. Its sentence says what holds; it fails when a look shows otherwise, or when it looks at nothing. */
export type Step = <T>(sentence: string, play: (sees: Sees) => Promise<T>) => Promise<T>;

export type Script = ReturnType<typeof createScript>;

/** A step did not hold; it has been printed. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

/** Prints a story as it is played: colours on a terminal, plain where it is piped. */
export function createScript(print: (line: string) => void = console.log) {
  let chapters = 0;
  let steps = 0;
  let looks = 0;

  const step: Step = async (sentence, play) => {
    const seen: string[] = [];
    const started = performance.now();
    try {
      const result = await play((what, actual, expected) => {
        seen.push(look(what, actual, expected));
      });
      if (seen.length === 0) throw new Error('this step looks at nothing');
      const milliseconds = `${Math.round(performance.now() - started)} ms`;
      print(
        `  ${style('green', '✓')} ${sentence}: ${style('dim', seen.join(', '))} ${style('dim', `(${milliseconds})`)}`,
      );
      steps += 1;
      looks += seen.length;
      return result;
    } catch (error) {
      print(`  ${style('red', '✗')} ${sentence}: ${seen.join(', ')}`);
      print(`    ${style('red', explain(error))}`);
      throw new StepFailed(sentence, { cause: error });
    }
  };

  return {
    chapter: (title: string): Step => {
      chapters += 1;
      print(`\n${style('bold', `${chapters}. ${title}`)}`);
      return step;
    },
    counts: () => ({ chapters, steps, looks }),
  };
}

function look(what: string, actual: unknown, expected: unknown): string {
  const holds =
    expected instanceof RegExp
      ? typeof actual === 'string' && expected.test(actual)
      : isDeepStrictEqual(actual, expected);
  if (!holds) throw new Error(`${what}: expected ${write(expected)}, saw ${write(actual)}`);
  return actual === true ? what : `${what} ${write(actual)}`;
}

function write(value: unknown): string {
  if (typeof value === 'string') {
    const line = value.replaceAll(/\s+/g, ' ');
    return line.length > 90 ? `${line.slice(0, 87)}...` : line;
  }
  if (Array.isArray(value)) return value.map(write).join(' and ') || 'none';
  return inspect(value, { breakLength: Infinity });
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The terminal's colours, and none where the output is no terminal. */
export function style(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: process.stdout });
}
