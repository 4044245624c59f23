import type { Bed } from '../bed.ts';
import { ask, expectStatus } from './client.ts';
import type { BenchDirectory } from './directories.ts';

const pageSize = 100;
/** The first and the last of a walk are told by so many pages. */
const some = 20;
/** A walk that takes longer goes on with its last pages. */
const patienceSeconds = 120;

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

type Walk = { pages: number[]; whole: boolean };

/** How long each page took. Throws when the pages are not the directory: each user once. */
async function walk(
  bed: Bed,
  directory: BenchDirectory,
  whereFrom: (cursor: string, read: number) => string,
): Promise<Walk> {
  const seen = new Set<string>();
  const pages: number[] = [];
  const end = performance.now() + patienceSeconds * 1000;
  const total = directory.people.length;
  let skipped = 0;
  for (let cursor = ''; seen.size + skipped < total;) {
    if (performance.now() > end && skipped === 0) skipped = Math.max(0, total - seen.size - some * pageSize);
    const path = `/Users?count=${pageSize}&${whereFrom(cursor, seen.size + skipped)}`;
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
  return { pages, whole: skipped === 0 };
}

async function walkBare({ inTenant }: Bed, { id, people }: BenchDirectory): Promise<Walk> {
  const pages: number[] = [];
  let last: unknown[] = ['-infinity', '00000000-0000-0000-0000-000000000000'];
  for (let read = 0; read < people.length; read += pageSize) {
    const started = performance.now();
    const { rows } = await inTenant(id, page, [id, ...last, pageSize]);
    pages.push(performance.now() - started);
    last = [rows.at(-1).moment, rows.at(-1).id];
  }
  return { pages, whole: true };
}

const page = `
  select u.*, u.created_at::text as moment,
    (select json_agg(e) from user_emails e where e.tenant_id = u.tenant_id and e.user_id = u.id) as emails
  from users u
  where u.tenant_id = $1 and (u.created_at, u.id) > ($2::timestamptz, $3) and u.removed_at is null
  order by u.created_at, u.id limit $4`;

function lineOf(what: string, { pages, whole }: Walk): string {
  const [first, last] = [middleOf(pages.slice(0, some)), middleOf(pages.slice(-some))];
  const seconds = pages.reduce((sum, each) => sum + each, 0) / 1000;
  const missing = whole ? '' : ', those between left out';
  return `${what}: ${pages.length} pages of ${pageSize}${missing} in ${seconds.toFixed(1)} s; the first ${first.toFixed(1)} ms, the last ${last.toFixed(1)} ms, ratio ${(last / first).toFixed(2)} (goal <= 3)`;
}

function middleOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
