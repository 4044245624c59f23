import { expect, test } from 'vitest';
import { readSources } from '../support/source-files.ts';

/** To call the provider's gateway, or to take it in hand. Whether there is one may be asked anywhere. */
const calls =
  /\bbilling[?]?\.\w+\(|\bBillingGateway\b|\{[^{}=]*\bbilling\b[^{}]*\} = |= [\w.]*\bports\.billing\b|\(\s*[\w.]*\bports\.billing\b/;
const asks = /!?\b(?:scope\.)?ports\.billing (?:&&|\|\|)|!(?:scope\.)?ports\.billing\b/g;

const callers = (...roots: readonly string[]) =>
  readSources(...roots)
    .filter(({ text }) => calls.test(text.replaceAll(asks, '')))
    .map(({ path }) => path);

test('nothing that runs inside a transaction calls the provider of billing', () => {
  expect(callers('src/actions', 'src/db')).toEqual([]);
});

test('who calls it is found by this search', () => {
  expect(callers('src/worker', 'src/api')).toEqual(
    expect.arrayContaining([
      'src/worker/billing-alignment.ts',
      'src/worker/billing-events.ts',
      'src/worker/billing-reconciler.ts',
    ]),
  );
});
