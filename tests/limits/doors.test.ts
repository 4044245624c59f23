import { expect, test } from 'vitest';
import { readSources } from '../support/source-files.ts';

const makes =
  /create\((?:User|Invitation|Project)\b|entity: User,|insert into (?:users|invitations|projects)\b/;

test('people, invitations and projects come in by the doors that reserve their place first', () => {
  const house = readSources('src', 'scim', 'sso').filter(({ path }) => !path.startsWith('src/db/'));
  const doors = house.filter(({ text }) => makes.test(text));

  expect(doors.map(({ path }) => path).toSorted()).toEqual([
    'src/actions/people/invitations.ts',
    'src/actions/people/users.ts',
    'src/actions/projects.ts',
  ]);
  expect(doors.filter(({ text }) => !text.includes('await reserve(scope, '))).toEqual([]);
});

test('a user is made active in two places alone, one by one and many at once, behind the same reservation', () => {
  const actions = readSources('src/actions', 'scim', 'sso');
  const makesActive = /\.active = true|\{ active: true, deactivatedAt|\bset active = true/;
  const givers = actions.filter(({ text }) => makesActive.test(text));

  expect(givers.map(({ path }) => path).toSorted()).toEqual([
    'src/actions/people/mass-access.ts',
    'src/actions/people/users.ts',
  ]);
  expect(givers.filter(({ text }) => !text.includes('await reserve(scope, '))).toEqual([]);
});
