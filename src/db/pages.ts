import { z } from 'zod';
import type { PageInput } from '../domain/pages.ts';
import { Refusal } from '../domain/refusal.ts';

/** The options of a `find` that reads newest first, one row more than a page shows. */
type NewestFirst = { orderBy: { id: 'desc' }; limit: number };

/** The condition that rows come after the last page; empty on the first. */
type AfterCursor = { id?: { $lt: string } };

type Question<Row, Item> = {
  page: PageInput;
  /** Finds rows, with `after` among its conditions and `newestFirst` as its options. */
  find: (newestFirst: NewestFirst, after: AfterCursor) => Promise<Row[]>;
  describe: (row: Row) => Item | Promise<Item>;
};

/** One page, newest first: ids are UUIDs version 7, so the cursor is the last id, opaque to callers. */
export async function pageOf<Row extends { id: string }, Item>({
  page,
  find,
  describe,
}: Question<Row, Item>): Promise<{ items: Item[]; nextCursor: string | null }> {
  const after = page.cursor === undefined ? {} : { id: { $lt: readCursor(page.cursor) } };
  const rows = await find({ orderBy: { id: 'desc' }, limit: page.limit + 1 }, after);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const items = [];
  for (const row of shown) items.push(await describe(row));
  const more = rows.length > page.limit && last;
  return { items, nextCursor: more ? Buffer.from(last.id).toString('base64url') : null };
}

function readCursor(cursor: string): string {
  const id = z.uuid().safeParse(Buffer.from(cursor, 'base64url').toString());
  if (!id.success) throw new Refusal('INVALID_INPUT', 'cursor: not one that a list has given');
  return id.data;
}
