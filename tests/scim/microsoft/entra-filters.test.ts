import { expect, test } from 'vitest';
import { openWorld } from '../../support/world.ts';
import { aDirectory } from '../directory.ts';
import { aWholeBody } from './collection-bodies.ts';

// The searches of Microsoft's collection (AzureAD/SCIMReferenceCode, PostmanCollection.json), as it spells them.

const { send } = await aDirectory(await openWorld());
const name = { familyName: 'OMalley', givenName: 'Darl' };
await send('POST', '/Users', { body: aWholeBody('OMalley', { name }) });
for (const userName of ['emp1', 'emp2', 'emp3', 'enterprise']) {
  await send('POST', '/Users', { body: aWholeBody(userName) });
}

test.each([
  ['?startIndex=1&count=2', 5, 2],
  ['?attributes=userName,emails', 5, 5],
  [
    '?filter=name.FamilyName eq Employee and (emails.Value co example.com or emails.Value co example.org)',
    4,
    4,
  ],
  ['?filter=userName sw O', 1, 1],
  ['?filter=meta.Created gt 2015-10-10T14:38:21.8617979-07:00', 5, 5],
])('%s finds %i, and shows %i', async (query, totalResults, itemsPerPage) => {
  const { status, body, text } = await send('GET', `/Users${query.replaceAll(' ', '%20')}`);

  expect(status, text).toBe(200);
  expect(body).toMatchObject({ totalResults, itemsPerPage });
});
