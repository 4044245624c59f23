import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openWorld } from '../../support/world.ts';
import { aDirectory, aProvisionedUser } from '../directory.ts';
import { aGroup, groupsOf, memberIds } from './group-clients.ts';
import { applyToModel, isSame, letters, type Model, type Operation, operations } from './group-model.ts';

const runs = process.env['LONG'] ? 200 : 6;
const world = await openWorld();
const directory = await aDirectory(world);
const groups = groupsOf(directory);
const ids = new Map<string, string>([['?', randomUUID()]]);
for (const letter of letters) ids.set(letter, await aProvisionedUser(directory));
const idOf = (letter: string) => ids.get(letter) ?? '';

function toScim(operation: Operation, prefix: string): object {
  switch (operation.kind) {
    case 'clear':
      return { op: 'remove', path: 'members' };
    case 'rename':
      return { op: 'replace', value: { displayName: prefix + operation.displayName } };
    case 'remove_by_path':
      return {
        op: 'Remove',
        path: `members[${operation.who.map((one) => `value eq "${idOf(one)}"`).join(' or ')}]`,
      };
    default:
      return {
        op: operation.kind,
        path: 'members',
        value: operation.who.map((one) => ({ value: idOf(one) })),
      };
  }
}

test('any sequence of PATCHes of a group gives what a plain model gives', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operations, { minLength: 1, maxLength: 5 }), async (patches) => {
      const prefix = randomUUID();
      const id = await aGroup(directory, [], `${prefix}New`);
      let model: Model = { members: new Set(), displayName: 'New' };
      let version = 1;
      for (const patch of patches) {
        const answer = await groups.patch(id, ...patch.map((operation) => toScim(operation, prefix)));

        const next = applyToModel(model, patch);
        expect(answer.status).toBe(next ? 204 : 400);
        if (next && !isSame(model, next)) version += 1;
        model = next ?? model;
        const after = await groups.get(id);
        expect(memberIds(after)).toEqual([...model.members].map(idOf).toSorted());
        expect(after.body).toMatchObject({
          displayName: prefix + model.displayName,
          meta: { version: `W/"${version}"` },
        });
      }
    }),
    { numRuns: runs },
  );
});
