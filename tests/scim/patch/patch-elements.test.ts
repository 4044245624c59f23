import { expect, test } from 'vitest';
import { aUser, enterpriseUrn, patch } from '../people.ts';

const home = { type: 'home', value: 'a@x.com' };
const work = { type: 'work', value: 'b@x.com' };

function refusal(status: number, scimType: string) {
  return expect.objectContaining({ status, scimType });
}

test('adding to a list keeps what is there, and does not double what is already there', () => {
  const { next } = patch(aUser({ emails: [work] }), { op: 'add', path: 'emails', value: [work, home] });

  expect(next.emails).toEqual([work, home]);
});

test('adding an address that is already there changes nothing', () => {
  const address = { type: 'work', country: 'DE', locality: 'Berlin' };

  const { changed } = patch(aUser({ addresses: [address] }), {
    op: 'add',
    path: 'addresses',
    value: [address],
  });

  expect(changed).toBe(false);
});

test('replacing a list leaves only what is given', () => {
  const { next } = patch(aUser({ emails: [work] }), { op: 'replace', path: 'emails', value: [home] });

  expect(next.emails).toEqual([home]);
});

test('a new primary value takes the place of the one that was', () => {
  const emails = [{ ...work, primary: true }];

  const { next } = patch(aUser({ emails }), { op: 'add', path: 'emails', value: { ...home, primary: true } });

  expect(next.emails).toEqual([
    { ...work, primary: false },
    { ...home, primary: true },
  ]);
});

test('making an existing value primary takes it from the other', () => {
  const emails = [{ ...work, primary: true }, home];

  const { next } = patch(aUser({ emails }), {
    op: 'replace',
    path: 'emails[type eq "home"].primary',
    value: 'True',
  });

  expect(next.emails).toEqual([
    { ...work, primary: false },
    { ...home, primary: true },
  ]);
});

test('what is made primary before it has a value takes nothing until it has one', () => {
  const emails = [{ ...work, primary: true }];
  const primary = { op: 'replace', path: 'emails[type eq "home"].primary', value: true };
  const value = { op: 'replace', path: 'emails[type eq "home"].value', value: home.value };

  expect(patch(aUser({ emails }), primary).next.emails).toEqual(emails);
  expect(patch(aUser({ emails }), primary, value).next.emails).toEqual([
    { ...work, primary: false },
    { ...home, primary: true },
  ]);
});

test('two primary values in one operation are refused', () => {
  const value = [
    { ...work, primary: true },
    { ...home, primary: true },
  ];

  expect(() => patch(aUser(), { op: 'replace', path: 'emails', value })).toThrow(
    refusal(400, 'invalidValue'),
  );
});

test('removing named values leaves the others', () => {
  const { next } = patch(aUser({ emails: [work, home] }), {
    op: 'Remove',
    path: 'emails',
    value: [{ $ref: null, value: 'B@x.com' }],
  });

  expect(next.emails).toEqual([home]);
});

test('removing a value of another type leaves it', () => {
  const { changed } = patch(aUser({ emails: [work] }), {
    op: 'remove',
    path: 'emails',
    value: [{ ...work, type: 'home' }],
  });

  expect(changed).toBe(false);
});

test.each([[[]], [[{}]], [[{ shoeSize: 44 }]], ['']])(
  'removing %j is refused, and removes nothing',
  (value) => {
    expect(() => patch(aUser({ emails: [work] }), { op: 'remove', path: 'emails', value })).toThrow(
      refusal(400, 'invalidValue'),
    );
  },
);

test('removing a whole list empties it', () => {
  const { next } = patch(aUser({ emails: [work, home] }), { op: 'remove', path: 'emails' });

  expect(next.emails).toEqual([]);
});

test('what a filter selects is removed, whatever value stands beside it', () => {
  const { next } = patch(aUser({ emails: [work, home] }), {
    op: 'remove',
    path: 'emails[type eq "work"]',
    value: [home],
  });

  expect(next.emails).toEqual([home]);
});

test('an e-mail whose value is removed is gone, and removing it again is no error', () => {
  const operation = { op: 'remove', path: 'emails[type eq "work"].value' };

  const first = patch(aUser({ emails: [work, home] }), operation);
  const second = patch(first.next, operation);

  expect(first.next.emails).toEqual([home]);
  expect(second.changed).toBe(false);
});

test('removing what is not set changes nothing', () => {
  const { changed } = patch(
    aUser(),
    { op: 'remove', path: 'title' },
    { op: 'remove', path: 'name.givenName' },
    { op: 'remove', path: 'emails' },
    { op: 'remove', path: 'emails[type eq "work"]' },
    { op: 'remove', path: `${enterpriseUrn}:manager` },
  );

  expect(changed).toBe(false);
});

test('clearing a part of an element that is not there makes no element', () => {
  const { changed } = patch(aUser(), { op: 'replace', path: 'emails[type eq "work"].value', value: '' });

  expect(changed).toBe(false);
});

test.each([
  'emails[type sw "w"].value',
  'emails[type eq "work" or type eq "home"].value',
  'emails[not (type eq "work")].value',
  'emails[type ne "work"].value',
  'emails[value eq "gone@x.com"].display',
  'emails[type eq "work" and type eq "home"].value',
])('%s, which matches nothing and describes nothing, has no target', (path) => {
  expect(() => patch(aUser(), { op: 'replace', path, value: 'x@x.com' })).toThrow(refusal(400, 'noTarget'));
});

test.each([
  ['emails[type sw "w"].value', [home, { ...work, value: 'x' }]],
  ['emails[value ew "@X.COM" and not (type eq "home")].value', [home, { ...work, value: 'x' }]],
  ['emails[type eq "fax" or type eq "HOME"].value', [{ ...home, value: 'x' }, work]],
  ['emails[primary eq false and type co "om"].value', [{ ...home, value: 'x' }, work]],
  ['emails[display pr or type gt "i"].value', [home, { ...work, value: 'x' }]],
  ['emails[display eq null and type le "home"].value', [{ ...home, value: 'x' }, work]],
])('%s selects by the whole grammar', (path, emails) => {
  const { next } = patch(aUser({ emails: [home, work] }), { op: 'replace', path, value: 'x' });

  expect(next.emails).toEqual(emails);
});

test('an element that matches is replaced as a whole, and keeps its type', () => {
  const emails = [{ ...work, display: 'Bob' }, home];

  const { next } = patch(aUser({ emails }), {
    op: 'replace',
    path: 'emails[type eq "work"]',
    value: { value: 'new@x.com' },
  });

  expect(next.emails).toEqual([{ type: 'work', value: 'new@x.com' }, home]);
});

test('adding to an element that matches keeps its other parts', () => {
  const { next } = patch(aUser({ emails: [work] }), {
    op: 'add',
    path: 'emails[type eq "work"]',
    value: { display: 'Bob' },
  });

  expect(next.emails).toEqual([{ ...work, display: 'Bob' }]);
});

/** Adds as many roles as told, none of which another such operation adds. */
function add(from: number, count: number) {
  const value = Array.from({ length: count }, (_, at) => ({ value: `r${from + at}` }));
  return { op: 'add', path: 'roles', value };
}

test('a list does not grow beyond its limit, in one operation or in many', () => {
  expect(patch(aUser(), add(0, 500)).next.roles).toHaveLength(500);
  expect(() => patch(aUser(), add(0, 501))).toThrow(refusal(400, 'invalidValue'));
  expect(() => patch(aUser(), add(0, 500), add(500, 1))).toThrow(refusal(400, 'invalidValue'));
});
