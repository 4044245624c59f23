import { expect, test } from 'vitest';
import { explainFailure, failureCodes, SamlFailure } from '../../sso/failures.ts';

test.each(failureCodes)('%s says what is wrong and what to change, to every kind of admin', (code) => {
  for (const product of ['okta', 'entra', 'other'] as const) {
    const { says, fix } = explainFailure(code, product);

    expect(says.length).toBeGreaterThan(10);
    expect(fix.length).toBeGreaterThan(10);
    expect(says).not.toMatch(/\.$/);
  }
});

test('products are spoken to in the words of their own consoles', () => {
  expect(explainFailure('audience_wrong', 'okta').fix).toContain('Audience URI (SP Entity ID)');
  expect(explainFailure('audience_wrong', 'entra').fix).toContain('Identifier (Entity ID)');
});

test('a failure carries its code, its sentence and its detail', () => {
  const failure = new SamlFailure('expired', { time: 'a', now: 'b' });

  expect(failure).toMatchObject({
    code: 'expired',
    message: 'the sign-in response is no longer valid',
    detail: { time: 'a', now: 'b' },
  });
});
