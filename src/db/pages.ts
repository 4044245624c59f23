import type { EntityManager, EntityName, FilterQuery } from '@mikro-orm/core';
import { z } from 'zod';
import { Refusal } from '../domain/refusal.ts';

/** What every list takes: how many at most, and where the last page ended. */
export const pageInput = z.object({
  limit: z.int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
export type PageInput = z.infer<typeof pageInput>;

type Identified = { id: string };
type Question<Entity, Item> = {
  where: FilterQuery<Entity>;
  page: PageInput;
  describe: (entity: Entity) => Item | Promise<Item>;
};

/** One page, newest first: ids are UUIDs version 7, so the cursor is the last id, opaque to callers. */
export async function pageOf<Entity extends Identified, Item>(
  em: EntityManager,
  entity: EntityName<Entity>,
  { where, page, describe }: Question<Entity, Item>,
): Promise<{ items: Item[]; nextCursor: string | null }> {
  const after = page.cursor === undefined ? null : readCursor(page.cursor);
  const rows = await em.find<Entity>(
    entity,
    // The condition on `id` is of every entity that has one, which the query type cannot tell.
    after ? ({ $and: [where, { id: { $lt: after } }] } as FilterQuery<Entity>) : where,
    { orderBy: { id: 'desc' } as never, limit: page.limit + 1 },
  );
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
