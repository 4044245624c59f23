import { z } from 'zod';
import { keyed } from './user-attributes.ts';

/** What a directory knows of a group beside its members (RFC 7643 §4.2). */
export const groupAttributes = z.object({
  displayName: keyed.refine((value) => value.trim() !== '', 'must not be empty'),
  externalId: keyed.nullable(),
});
export type GroupAttributes = z.infer<typeof groupAttributes>;

/** A stored group: its attributes, and what the server alone decides. `version` rises by one with each change. */
export type GroupRecord = GroupAttributes & { id: string; version: number; createdAt: Date; updatedAt: Date };

/** Who or what is in a group. */
export type GroupMember = { id: string; kind: 'User' | 'Group'; display: string | null };

/** One step of a change of members; `clear` takes out all there are. */
export type MemberEdit =
  | { readonly op: 'add' | 'remove' | 'replace'; readonly ids: readonly string[] }
  | { readonly op: 'clear' };

/**
 * What some edits, one after the other, come to, whoever is in the group: whether those who are in it stay, who of
 * them goes, and who comes. `named` are all that an edit puts in, whom a later one takes out again too.
 */
export type MemberDelta = {
  readonly keepsOthers: boolean;
  readonly added: ReadonlySet<string>;
  readonly removed: ReadonlySet<string>;
  readonly named: ReadonlySet<string>;
};

/** Folds edits in their order (RFC 7644 §3.5.2) into one change, so that members need not be read to change them. */
export function foldMemberEdits(edits: readonly MemberEdit[]): MemberDelta {
  let keepsOthers = true;
  const added = new Set<string>();
  const removed = new Set<string>();
  const named = new Set<string>();
  for (const edit of edits) {
    if (edit.op === 'clear' || edit.op === 'replace') {
      keepsOthers = false;
      added.clear();
      removed.clear();
    }
    if (edit.op === 'clear') continue;
    for (const id of edit.ids) {
      if (edit.op === 'remove') {
        added.delete(id);
        if (keepsOthers) removed.add(id);
      } else {
        removed.delete(id);
        added.add(id);
        named.add(id);
      }
    }
  }
  return { keepsOthers, added, removed, named };
}

/** Whether edits can do nothing but take members out. */
export function onlyRemoves(edits: readonly MemberEdit[]): boolean {
  return edits.length > 0 && edits.every(({ op }) => op === 'remove' || op === 'clear');
}

/** Whether a text has the form of an id. Ids are case-exact (RFC 7643 §3.1), where PostgreSQL takes capitals too. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
