import { describe, expect, test } from 'vitest';
import { appRouter } from '../../src/api/trpc/router.ts';
import { mailNames } from '../../src/domain/texts/mails.ts';
import { writeMails } from '../domain/written-mails.ts';

const mails = writeMails((word) => word);
const commands = mailNames.flatMap((mail) =>
  (mails[mail].content.commands ?? []).map((command) => ({ mail, command })),
);

describe('what a mail tells operators to type', () => {
  test('stands in every mail that asks them to act', () => {
    expect(new Set(commands.map(({ mail }) => mail)).size).toBe(8);
  });

  test.each(commands)('names a procedure that exists, with input as JSON: $mail, $command', ({ command }) => {
    const [, procedure = '', input = ''] = /^npx tenantry call (\S+) '(.*)'$/.exec(command) ?? [];

    expect(Object.keys(appRouter['_def'].procedures)).toContain(procedure);
    expect(Object.values(JSON.parse(input)).every((value) => typeof value !== 'object')).toBe(true);
    expect(input).not.toContain(`'`);
  });
});
