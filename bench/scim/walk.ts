import type { Bed } from '../bed.ts';
import { ask, expectStatus } from './client.ts';
import type { BenchDirectory } from './directories.ts';

const pageSize = 100;
/** The first and the last of a walk are told by so many pages. */
const some = 20;

/** Reads the whole directory page by page, as Okta imports it, by index and by cursor; beside it the bare keyset. */
export async function benchWalk(bed: Bed, directory: BenchDirectory): Promise<string> {
  const byIndex = await walk(bed, directory, (_, read) => `startIndex=${read + 1}`);
  const { text } = await ask(bed, directory, 'GET', { path: '/ServiceProviderConfig' });
  const cursors = /"cursor":true/.test(text)
    ? [await walk(bed, directory, (last) => `cursor=${encodeURIComponent(last)}`)]
    : [];
  const sql = await walkBare(bed, directory);
  return [
    lineOf('a walk by index', byIndex),
    ...cursors.map((pages) => lineOf('a walk by cursor', pages)),
    lineOf('its bare SQL, by keyset', sql),
  ].join('\n');
}

/** How long each page took. Throws when the pages are not the directory: each user once. */
async function walk(
  bed: Bed,
  directory: BenchDirectory,
  whereFrom: (cursor: string, read: number) => string,
): Promise<number[]> {
  const seen = new Set<string>();
  const pages: number[] = [];
  for (let cursor = ''; seen.size < directory.people.length;) {
    const path = `/Users?count=${pageSize}&${whereFrom(cursor, seen.size)}`;
    const answer = await ask(bed, directory, 'GET', { path });
    expectStatus(answer, 200, path);
    pages.push(answer.milliseconds);
    const body: { Resources: { id: string }[]; nextCursor?: string } = JSON.parse(answer.text);
    const before = seen.size;
    for (const { id } of body.Resources) seen.add(id);
    if (seen.size !== before + pageSize)
      throw new Error(`page ${pages.length} brought what was there already`);
    cursor = body.nextCursor ?? '';
  }
  return pages;
}

async function walkBare({ inTenant }: Bed, { id, people }: BenchDirectory): Promise<number[]> {
  const pages: number[] = [];
  let last: unknown[] = ['-infinity', '00000000-0000-0000-0000-000000000000'];
  for (let read = 0; read < people.length; read += pageSize) {
    const started = performance.now();
    const { rows } = await inTenant(id, page, [id, ...last, pageSize]);
    pages.push(performance.now() - started);
    last = [rows.at(-1).moment, rows.at(-1).id];
  }
  return pages;
}

const page = `
  select u.*, u.created_at::text as moment,
    (select json_agg(e) from user_emails e where e.tenant_id = u.tenant_id and e.user_id = u.id) as emails
  from users u
  where u.tenant_id = $1 and (u.created_at, u.id) > ($2::timestamptz, $3) and u.removed_at is null
  order by u.created_at, u.id limit $4`;

function lineOf(what: string, pages: readonly number[]): string {
  const [first, last] = [middleOf(pages.slice(0, some)), middleOf(pages.slice(-some))];
  const seconds = pages.reduce((sum, each) => sum + each, 0) / 1000;
  return `${what}: ${pages.length} pages of ${pageSize} in ${seconds.toFixed(1)} s; the first ${first.toFixed(1)} ms, the last ${last.toFixed(1)} ms, ratio ${(last / first).toFixed(2)} (goal <= 3)`;
}

function middleOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
