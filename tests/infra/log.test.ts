import { expect, test } from 'vitest';
import { chooseFormat, createLog } from '../../src/infra/log.ts';

test('lines are JSON in production and wherever nobody watches', () => {
  expect(chooseFormat('production', true)).toBe('json');
  expect(chooseFormat('development', false)).toBe('json');
  expect(chooseFormat('development', true)).toBe('readable');
});

test.each(['json', 'readable'] as const)(
  'a %s line is written at once and hides secrets at every depth',
  (format) => {
    const written: string[] = [];
    const log = createLog({
      level: 'info',
      format,
      destination: { write: (line) => void written.push(line) },
    });

    log.info(
      {
        password: 'pass-1',
        request: { headers: { Authorization: 'Bearer pass-2', cookie: 'pass-3' } },
        body: [{ input: { inner: { refreshToken: 'pass-4', email: 'ada@acme.test' } } }],
        endless: anEndlessObject(),
      },
      'request served',
    );

    const line = written.join('');
    expect(line).toContain('request served');
    expect(line).toContain('ada@acme.test');
    expect(line).toContain('[redacted]');
    expect(line).not.toContain('pass-');
  },
);

test('a JSON line is one object, and the level decides which are written', () => {
  const written: string[] = [];
  const log = createLog({
    level: 'warn',
    format: 'json',
    destination: { write: (line) => void written.push(line) },
  });

  log.info('unheard');
  log.warn({ err: new Error('broken\npipe') }, 'heard');

  expect(written).toHaveLength(1);
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ msg: 'heard', err: { message: 'broken\npipe' } });
});

function anEndlessObject(): Record<string, unknown> {
  const fields: Record<string, unknown> = { password: 'pass-5' };
  fields['self'] = fields;
  return fields;
}
