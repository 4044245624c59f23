import { expect, test } from 'vitest';
import { openWorld } from '../../support/world.ts';
import { creation, idAt, sendBulk } from '../bulk/bulk-body.ts';
import { aLoggedDirectory } from './logged-directory.ts';

const directory = await aLoggedDirectory(await openWorld());

test('the log names what every operation of a bulk request changed', async () => {
  const { done } = await sendBulk(directory, [
    creation('a'),
    { method: 'DELETE', path: '/Users/bulkId:a' },
    { method: 'DELETE', path: '/Users/nobody' },
  ]);

  const id = idAt(done[0]);
  expect((await directory.lastLogged())?.changes).toEqual([
    { kind: 'user', id, what: expect.arrayContaining(['userName']) },
    { kind: 'user', id, what: ['removed'] },
  ]);
});
