import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldMemberEdits, type MemberEdit } from '../../../src/domain/groups.ts';
import { applyToModel, letters, type Operation, operations } from './group-model.ts';

function toEdit(operation: Operation): MemberEdit[] {
  if (operation.kind === 'rename') return [];
  if (operation.kind === 'clear') return [{ op: 'clear' }];
  return [{ op: operation.kind === 'remove_by_path' ? 'remove' : operation.kind, ids: operation.who }];
}

test('edits folded into one change do to any members what they do one after the other', () => {
  fc.assert(
    fc.property(fc.subarray(letters), operations, (before, all) => {
      const { keepsOthers, added, removed, named } = foldMemberEdits(all.flatMap(toEdit));
      const model = applyToModel({ members: new Set(before), displayName: '' }, all);

      expect(named.has('?')).toBe(model === null);
      if (!model) return;
      const kept = keepsOthers ? before.filter((one) => !removed.has(one)) : [];
      expect(new Set([...kept, ...added])).toEqual(model.members);
    }),
  );
});
