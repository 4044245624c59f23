import * as fc from 'fast-check';

/** A group as a plain model has it: the letters of its members, and its name. */
export type Model = { members: ReadonlySet<string>; displayName: string };

/** One operation of a PATCH, in terms of letters. */
export type Operation =
  | { kind: 'add' | 'remove' | 'replace' | 'remove_by_path'; who: string[] }
  | { kind: 'clear' }
  | { kind: 'rename'; displayName: string };

/** Letters that are users; `?` is nobody. */
export const letters = ['a', 'b', 'c', 'd', 'e'];

const some = (most: number, from = [...letters, '?']) =>
  fc.array(fc.constantFrom(...from), { minLength: 1, maxLength: most });

export const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), who: some(3, letters) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove' as const), who: some(3) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove_by_path' as const), who: some(2) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('replace' as const), who: some(3, letters) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('add' as const), who: some(3) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('rename' as const),
        displayName: fc.constantFrom('Red', 'Blue'),
      }),
    },
  ),
  { minLength: 1, maxLength: 5 },
);

/** What the operations make of a group, one after the other; null where one puts nobody in, and so all are refused. */
export function applyToModel(model: Model, all: readonly Operation[]): Model | null {
  let { displayName } = model;
  let members = new Set(model.members);
  for (const operation of all) {
    if (operation.kind === 'rename') ({ displayName } = operation);
    else if (operation.kind === 'clear') members = new Set();
    else if (operation.kind === 'remove' || operation.kind === 'remove_by_path') {
      for (const one of operation.who) members.delete(one);
    } else {
      if (operation.who.includes('?')) return null;
      members = new Set([...(operation.kind === 'replace' ? [] : members), ...operation.who]);
    }
  }
  return { members, displayName };
}

/** Whether two models are the same. */
export function isSame(one: Model, other: Model): boolean {
  return (
    one.displayName === other.displayName &&
    one.members.size === other.members.size &&
    [...one.members].every((member) => other.members.has(member))
  );
}
