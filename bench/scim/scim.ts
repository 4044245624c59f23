import type { Bed } from '../bed.ts';
import type { LoadGenerator } from '../load/run.ts';
import { tableOf } from './comparison.ts';
import { benchCreation } from './creation.ts';
import { benchCrowd, benchMany } from './crowd.ts';
import { openDirectory } from './directories.ts';
import { compareLookups } from './lookups.ts';
import { compareMemberships } from './memberships.ts';
import { benchNeighbour } from './neighbour.ts';
import { benchWalk } from './walk.ts';

/** Measures SCIM where a directory is large: what must not grow with it, and what must not fall; says each at once. */
export async function benchScim(
  ground: { bed: Bed; load: LoadGenerator; seconds: number },
  users: number,
  say: (line: string) => void,
): Promise<void> {
  const { bed } = ground;
  const empty = await openDirectory(bed, 'empty', { users: 0, members: 0 });
  const small = await openDirectory(bed, 'small', { users: 1000, members: 500 });
  const large = await openDirectory(bed, 'large', { users, members: users / 2 });
  const comparisons = [
    ...(await compareLookups(ground, small, large)),
    ...(await compareMemberships(ground, large)),
  ];
  say(`a directory of ${users} users, a group of ${users / 2}; small: 1,000 users, a group of 10`);
  say(tableOf(comparisons));
  say(await benchMany(bed, large));
  say(await benchCrowd(bed, large));
  say(await benchWalk(bed, large));
  say(await benchCreation(ground, empty, large));
  say(await benchNeighbour(ground, small, large));
}
