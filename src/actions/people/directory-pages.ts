import {
  type Bookmark,
  dropExpiredBookmarks,
  findBookmark,
  keepBookmark,
} from '../../db/directory/bookmarks.ts';
import { countEverything, type Either, findEverything } from '../../db/directory/everything.ts';
import type { Found, Position, Question, Slice } from '../../db/directory/page-sql.ts';
import { noTenant } from '../../db/policies.ts';
import type { TenantScope } from '../../db/scope.ts';
import { actorId } from '../../domain/actors.ts';
import { authorize } from '../../domain/permissions.ts';

/** A list of the directory: how its resources are found and counted. */
export type Source<Resource> = {
  find(scope: TenantScope, question: Question, slice: Slice): Promise<Found<Resource>>;
  count(scope: TenantScope, question: Question, after: Position | null): Promise<number>;
};

/** What is asked for: a question, in short too, so that the same one is known again. */
export type Asked<Resource> = { source: Source<Resource>; question: Question; digest: string };

const countedForSeconds = 60;

/**
 * The page of a list that begins with the resource of this number, and how many there are in all. Whoever walks a list
 * page by page goes on behind the last resource they saw: nobody is skipped or repeated when others come or go, the last
 * page costs what the first does, and the total is of what they saw and what is still to come, counted once a minute.
 */
export async function readPage<Resource>(
  scope: TenantScope,
  asked: Asked<Resource>,
  { startIndex, count }: { startIndex: number; count: number },
): Promise<{ resources: readonly Resource[]; total: number }> {
  authorize(scope.actor, scope.tenant, 'scim.read');
  const { source, question } = asked;
  if (count === 0) return { resources: [], total: await source.count(scope, question, null) };
  const known = startIndex === 1 ? null : await findBookmark(scope, pageAt(scope, asked, startIndex));
  const place = known ? { after: known.after, offset: 0 } : { after: null, offset: startIndex - 1 };
  const { resources, more, last } = await source.find(scope, question, { ...place, limit: count });
  const before = startIndex - 1;
  // The last page tells the total without counting.
  if (!more && (known !== null || before === 0 || resources.length > 0)) {
    return { resources, total: before + resources.length };
  }
  const counted = await countAll(scope, asked, { before, known });
  if (more && last) {
    if (before === 0) await dropExpiredBookmarks(scope);
    const next = pageAt(scope, asked, startIndex + resources.length);
    await keepBookmark(scope, next, { after: last, ...counted });
  }
  return { resources, total: counted.total };
}

async function countAll<Resource>(
  scope: TenantScope,
  { source, question }: Asked<Resource>,
  { before, known }: { before: number; known: Bookmark | null },
): Promise<{ total: number; countedAt: Date }> {
  if (known === null) return { total: await source.count(scope, question, null), countedAt: scope.now };
  const age = scope.now.getTime() - known.countedAt.getTime();
  if (age < countedForSeconds * 1000) return { total: known.total, countedAt: known.countedAt };
  return { total: before + (await source.count(scope, question, known.after)), countedAt: scope.now };
}

function pageAt({ actor }: TenantScope, { digest }: { digest: string }, startIndex: number) {
  return { tokenId: actorId(actor) ?? noTenant, query: digest, startIndex };
}

/** Users and groups that are asked for, in one order and without the members of groups. */
export const everything: Source<Either> = {
  find(scope, question, slice) {
    authorize(scope.actor, scope.tenant, 'scim.read');
    return findEverything(scope, question, slice);
  },
  count(scope, question, after) {
    authorize(scope.actor, scope.tenant, 'scim.read');
    return countEverything(scope, question, after);
  },
};
