import { expect, test } from 'vitest';
import { readPaging, toListResponse } from '../../scim/list.ts';

const read = (query: string) => readPaging(new URLSearchParams(query));

test.each([
  ['', { startIndex: 1, count: 100 }],
  ['startIndex=0', { startIndex: 1, count: 100 }],
  ['startIndex=-5', { startIndex: 1, count: 100 }],
  ['startIndex=101&count=100', { startIndex: 101, count: 100 }],
  ['startIndex=999999', { startIndex: 999_999, count: 100 }],
  ['startIndex=99999999999999999999', { startIndex: 2_147_483_647, count: 100 }],
  ['count=0', { startIndex: 1, count: 0 }],
  ['count=-1', { startIndex: 1, count: 0 }],
  ['count=200', { startIndex: 1, count: 200 }],
  ['count=201', { startIndex: 1, count: 200 }],
  ['count=100000', { startIndex: 1, count: 200 }],
  ['aadOptscim062020&filter=a%20pr', { startIndex: 1, count: 100 }],
])('"%s" is read with its limits', (query, parameters) => {
  expect(read(query)).toEqual(parameters);
});

test.each(['count=abc', 'count=', 'count=1.5', 'startIndex=x', 'startIndex=1e3', 'count=0x10'])(
  '%s is refused',
  (query) => {
    expect(() => read(query)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidValue' }));
  },
);

test('a page says how many it holds, and how many there are', () => {
  expect(toListResponse([{ id: 'a' }], { totalResults: 41, startIndex: 41 })).toEqual({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: 41,
    startIndex: 41,
    itemsPerPage: 1,
    Resources: [{ id: 'a' }],
  });
});

test('E-1: an empty page is a list of none', () => {
  const page = toListResponse([], { totalResults: 0, startIndex: 1 });

  expect(page).toMatchObject({ totalResults: 0, itemsPerPage: 0, Resources: [] });
});
