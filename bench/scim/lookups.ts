import { type Comparison, compare, type Ground, type Piece } from './comparison.ts';
import { scimRequest } from '../work/scim-requests.ts';
import type { BenchDirectory, Person } from './directories.ts';

const goal = 1.3;
const asked = 500;
const emails = 'select * from user_emails where tenant_id = $1 and user_id = $2 order by position';

/** The three attributes by which directories look people up: how the filter asks, and where its key is. */
const lookups = [
  {
    work: 'look-up by userName',
    filterOf: (name: string) => `userName eq "${name}"`,
    where: 'user_name_key = $2',
    keyOf: (name: string) => name,
  },
  {
    work: 'look-up by externalId',
    filterOf: (name: string) => `externalId eq "ext-${name}"`,
    where: 'external_id = $2',
    keyOf: (name: string) => `ext-${name}`,
  },
  {
    work: 'look-up by emails[type eq "work"].value',
    filterOf: (name: string) => `emails[type eq "work"].value eq "${name}"`,
    where: 'id in (select user_id from user_emails where tenant_id = $1 and value_key = $2)',
    keyOf: (name: string) => name,
  },
] as const;

/** Looks people up among few and among many. */
export async function compareLookups(
  ground: Ground,
  small: BenchDirectory,
  large: BenchDirectory,
): Promise<Comparison[]> {
  const comparisons = [];
  for (const lookup of lookups) {
    const pieces = { small: pieceOf(lookup, small), large: pieceOf(lookup, large) };
    comparisons.push(await compare(ground, { work: lookup.work, goal }, pieces));
  }
  return comparisons;
}

function pieceOf(lookup: (typeof lookups)[number], directory: BenchDirectory): Piece {
  const people = spread(directory.people);
  return {
    tenantId: directory.id,
    status: 200,
    requests: people.map(({ userName }) => {
      const filter = encodeURIComponent(lookup.filterOf(userName));
      return scimRequest(directory, 'GET', `/Users?filter=${filter}`);
    }),
    statements: [
      `select * from users where tenant_id = $1 and ${lookup.where} and removed_at is null order by created_at, id limit 100`,
      emails,
    ],
    runs: people.map(({ id, userName }) => [
      [directory.id, lookup.keyOf(userName)],
      [directory.id, id],
    ]),
  };
}

/** So many people from all over the directory, as many from a small one as from a large one. */
function spread(people: readonly Person[]): Person[] {
  const step = Math.floor(people.length / asked);
  return people.filter((_, index) => index % step === 0).slice(0, asked);
}
