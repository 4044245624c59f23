import type { Filter } from '../../src/domain/filter.ts';
import { type GroupAttributes, groupAttributes, type MemberEdit } from '../../src/domain/groups.ts';
import { badRequest } from '../errors.ts';
import { addNote } from '../resource/normalization-rules.ts';
import { normalizeElement, normalizeScalar } from '../resource/normalizer.ts';
import type { Edit } from '../resource/resource-document.ts';
import { groupType } from '../schema/resource-types.ts';
import { type EditContext, readObjectEdits, readPathEdits } from './edit-reader.ts';
import type { PatchOperation } from './patch.ts';

/** What a request makes of a group: attributes it sets, and edits of members in their order. */
export type GroupEdits = { attributes: Partial<GroupAttributes>; members: MemberEdit[] };

/**
 * Reads the operations of a PATCH of a group (RFC 7644 §3.5.2) without knowing its members: a group may have more of
 * them than can be read for each change. Refuses with the keywords of that section.
 */
export function readGroupPatch(operations: readonly PatchOperation[]): GroupEdits & { normalized: string[] } {
  const context: EditContext = { type: groupType, notes: new Set() };
  const edits: GroupEdits = { attributes: {}, members: [] };
  for (const { op, path, value } of operations) {
    const isNamed = path !== null;
    const read = isNamed
      ? readPathEdits({ op, path, value }, context)
      : readObjectEdits({ op, value }, context);
    for (const edit of read) addGroupEdit(edits, edit, { context, isNamed });
  }
  return { ...edits, normalized: [...context.notes] };
}

type Reading = {
  context: EditContext;
  /** Whether a path names the attribute: what it names cannot be left out. */
  isNamed: boolean;
};

/** Adds one edit. In a value without a path null is what is not said; in a path it is 400 for members. */
export function addGroupEdit(edits: GroupEdits, edit: Edit, { context, isNamed }: Reading): void {
  const { key, definition } = edit.attribute;
  if (key === 'members') {
    const isUnsaid = edit.value === null || edit.value === '';
    if (isUnsaid && !isNamed && !edit.filter) addNote(context.notes, 'null-as-absent', key);
    else edits.members.push(readMemberEdit(edit, context));
    return;
  }
  const value =
    edit.op === 'remove' ? null : normalizeScalar(edit.value, { name: key, definition }, context.notes);
  const parsed = groupAttributes.partial().safeParse({ [key]: value });
  if (!parsed.success) {
    const problem = value === null ? 'is required' : parsed.error.issues[0]?.message.toLowerCase();
    throw badRequest('invalidValue', `${key}: ${problem}`);
  }
  Object.assign(edits.attributes, parsed.data);
}

function readMemberEdit(edit: Edit, context: EditContext): MemberEdit {
  const { op, filter, value } = edit;
  if (filter) {
    if (op === 'remove') return { op, ids: readSelectedIds(filter) };
    throw badRequest('invalidPath', 'a member is added and removed as a whole');
  }
  if (op === 'remove' && value === undefined) {
    addNote(context.notes, 'all-members-removed', 'members');
    return { op: 'clear' };
  }
  const ids = readMemberIds(edit, context);
  if (op === 'remove' && ids.length === 0) {
    throw badRequest('invalidValue', 'the value does not say which members to remove');
  }
  return { op, ids };
}

/** The ids that a list of members names. One without an id is 400: nobody is added or removed by a guess. */
function readMemberIds({ attribute, value }: Edit, { notes }: EditContext): string[] {
  const expected = { name: attribute.key, definition: attribute.definition };
  if (!Array.isArray(value)) addNote(notes, 'list-as-single-value', attribute.key);
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.map((one) => {
    const id = normalizeElement(one, expected, notes)?.['value'];
    if (typeof id === 'string') return id;
    throw badRequest(
      'invalidValue',
      'every one of the members must have a value, the id of a user or a group',
    );
  });
}

/** `value eq "…"`, as Entra and Okta send it, or several of them joined by "or". */
function readSelectedIds(filter: Filter): string[] {
  if (filter.kind === 'or') return filter.operands.flatMap(readSelectedIds);
  const isEqual = filter.kind === 'comparison' && filter.operator === 'eq';
  if (isEqual && filter.path.subAttribute === 'value' && filter.value.type === 'string')
    return [filter.value.value];
  throw badRequest('invalidFilter', 'members are selected by value eq "…", joined by "or"');
}
