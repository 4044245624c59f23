import { z } from 'zod';
import type { TenantScope } from '../scope.ts';
import type { Position } from './page-sql.ts';

/** Where a page begins: behind which resource, and how many the list had in all when that was counted. */
export type Bookmark = { readonly after: Position; readonly total: number; readonly countedAt: Date };

/** Which page of what: a list of one token, asked for in the same way, from the resource with this number on. */
export type Page = { readonly tokenId: string; readonly query: string; readonly startIndex: number };

const lifetimeSeconds = 900;
const context = 'scim.bookmark';
const position = z.object({ key: z.string().nullable(), id: z.uuid() });

type Row = { position: string; total: number; counted_at: string };

/** Where this page begins, if it is known. */
export async function findBookmark(
  { em, tenant, key, now }: TenantScope,
  page: Page,
): Promise<Bookmark | null> {
  const [row] = await em.execute<Row[]>(
    `select position, total, counted_at from list_bookmarks
     where tenant_id = ? and token_id = ? and query = ? and start_index = ? and expires_at > ?`,
    [tenant.id, page.tokenId, page.query, page.startIndex, now],
  );
  if (!row) return null;
  const after = position.parse(JSON.parse(key.openText(row.position, context)));
  return { after, total: row.total, countedAt: new Date(row.counted_at) };
}

/** Remembers for a quarter of an hour where this page begins. What has expired goes when a walk begins. */
export async function keepBookmark(scope: TenantScope, page: Page, bookmark: Bookmark): Promise<void> {
  const { em, tenant, key, now } = scope;
  const expires = new Date(now.getTime() + lifetimeSeconds * 1000);
  const sealed = key.seal(JSON.stringify(bookmark.after), context);
  await em.execute(
    `insert into list_bookmarks (tenant_id, token_id, query, start_index, position, total, counted_at, expires_at)
     values (?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (tenant_id, token_id, query, start_index) do update set
       position = excluded.position, total = excluded.total,
       counted_at = excluded.counted_at, expires_at = excluded.expires_at`,
    [
      tenant.id,
      page.tokenId,
      page.query,
      page.startIndex,
      sealed,
      bookmark.total,
      bookmark.countedAt,
      expires,
    ],
  );
}

/** Forgets the tenant's bookmarks that have expired. */
export async function dropExpiredBookmarks({ em, tenant, now }: TenantScope): Promise<void> {
  await em.execute(`delete from list_bookmarks where tenant_id = ? and expires_at <= ?`, [tenant.id, now]);
}
