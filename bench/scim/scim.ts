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

/** Measures SCIM where a directory is large: what must not grow with it, and what must not fall. */
export async function benchScim(
  ground: { bed: Bed; load: LoadGenerator; seconds: number },
  users: number,
): Promise<string> {
  const { bed } = ground;
  const empty = await openDirectory(bed, 'empty', { users: 0, members: 0 });
  const small = await openDirectory(bed, 'small', { users: 1000, members: 500 });
  const large = await openDirectory(bed, 'large', { users, members: users / 2 });
  const comparisons = [
    ...(await compareLookups(ground, small, large)),
    ...(await compareMemberships(ground, large)),
  ];
  const title = `a directory of ${users} users, a group of ${users / 2}; small: 1,000 users, a group of 10`;
  return [
    title,
    tableOf(comparisons),
    await benchMany(bed, large),
    await benchCrowd(bed, large),
    await benchWalk(bed, large),
    await benchCreation(ground, empty, large),
    await benchNeighbour(ground, small, large),
  ].join('\n');
}
