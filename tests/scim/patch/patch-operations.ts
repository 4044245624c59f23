import * as fc from 'fast-check';
import { enterpriseUrn, userUrn } from '../people.ts';
import {
  addEmails,
  modelFilters,
  refuse,
  removeNamed,
  setElement,
  setPart,
  setText,
  type ModelEmail,
  type Step,
} from './patch-model.ts';

/** An operation as it is sent, and what the model makes of it. */
export type ModelOperation = { sent: object; step: Step };

/** The names under which a text may be sent, in a path or as a key. */
const names: Readonly<Record<string, readonly string[]>> = {
  userName: ['userName', 'USERNAME', `${userUrn}:userName`],
  displayName: ['displayName', 'DisplayName'],
  title: ['title', `${userUrn}:title`],
  nickName: ['nickName'],
  'name.givenName': ['name.givenName', 'Name.GivenName'],
  'name.familyName': ['name.familyName'],
  department: [`${enterpriseUrn}:department`, 'department'],
  manager: [`${enterpriseUrn}:manager`, 'manager', `${enterpriseUrn}:manager.value`],
};

const write = fc.constantFrom('add' as const, 'replace' as const);
const spelled = (op: string) => fc.constantFrom(op, op.toUpperCase(), op[0]?.toUpperCase() + op.slice(1));
const word = fc.constantFrom('x', 'y', 'Z z', '');
const text = fc.constantFrom(...Object.keys(names)).chain((name) =>
  fc.record({
    name: fc.constant(name),
    spelling: fc.constantFrom(...(names[name] ?? [name])),
    value: word,
  }),
);

const writtenText = fc.tuple(write.chain(spelled), text).map(([op, { name, spelling, value }]) => ({
  sent: { op, path: spelling, value },
  step: setText(name, value),
}));

const removedText = fc.tuple(spelled('remove'), text).map(([op, { name, spelling }]) => ({
  sent: { op, path: spelling },
  step: name === 'userName' ? refuse : setText(name, null),
}));

const withoutPath = fc
  .tuple(write, fc.uniqueArray(text, { selector: ({ name }) => name, minLength: 1, maxLength: 4 }))
  .map(([op, all]) => ({
    sent: { op, value: Object.fromEntries(all.map(({ spelling, value }) => [spelling, value])) },
    step: stepOf(all.map(({ name, value }) => setText(name, value))),
  }));

const wholeName = fc
  .tuple(write, fc.record({ givenName: word, familyName: word }, { requiredKeys: [] }))
  .map(([op, value]) => ({
    sent: { op, path: 'name', value },
    step: stepOf(Object.entries(value).map(([part, given]) => setText(`name.${part}`, given))),
  }));

const removedName = fc.constant({
  sent: { op: 'remove', path: 'name' },
  step: stepOf([setText('name.givenName', null), setText('name.familyName', null)]),
});

const activity = fc
  .tuple(write, fc.constantFrom(true, false, 'True', 'False', 'false'))
  .map(([op, value]) => ({
    sent: { op, path: 'active', value },
    step: ((user) => {
      user.active = String(value).toLowerCase() === 'true';
    }) satisfies Step,
  }));

const address = fc.constantFrom('a@x', 'b@x', 'A@x', 'c@x');
const kind = fc.constantFrom('work', 'home', 'WORK');
const email: fc.Arbitrary<ModelEmail> = fc.record(
  { value: address, type: kind, display: fc.constantFrom('D', 'E'), primary: fc.boolean() },
  { requiredKeys: ['value'] },
);
const emails = fc.array(email, { minLength: 1, maxLength: 3 });
const filter = fc.constantFrom(...modelFilters);
const part = fc.oneof(
  fc.record({ name: fc.constant('value' as const), value: fc.oneof(address, fc.constant('')) }),
  fc.record({ name: fc.constant('type' as const), value: kind }),
  fc.record({ name: fc.constant('display' as const), value: fc.constantFrom('D', 'E', '') }),
  fc.record({ name: fc.constant('primary' as const), value: fc.boolean() }),
);

const addedEmails = emails.map((value) => ({
  sent: { op: 'add', path: 'emails', value },
  step: addEmails(value),
}));

const replacedEmails = emails.map((value) => ({
  sent: { op: 'Replace', path: 'emails', value },
  step: ((user) => {
    user.emails = value.map((one) => ({ ...one }));
  }) satisfies Step,
}));

const removedEmails = fc.constantFrom<ModelOperation>(
  { sent: { op: 'remove', path: 'emails' }, step: stepOf([(user) => void (user.emails = [])]) },
  { sent: { op: 'replace', path: 'emails', value: [] }, step: stepOf([(user) => void (user.emails = [])]) },
);

const namedEmails = fc
  .array(fc.record({ value: address, type: kind }, { requiredKeys: ['value'] }), {
    minLength: 1,
    maxLength: 2,
  })
  .map((value) => ({ sent: { op: 'Remove', path: 'emails', value }, step: removeNamed(value) }));

const selectedEmails = filter.map((chosen) => ({
  sent: { op: 'remove', path: `emails[${chosen.text}]` },
  step: ((user) => {
    user.emails = user.emails.filter((one) => !chosen.holds(one));
  }) satisfies Step,
}));

const writtenPart = fc.tuple(write, fc.option(filter), part).map(([op, chosen, { name, value }]) => ({
  sent: { op, path: pathOf(chosen?.text, name), value },
  step: setPart(chosen, name, value),
}));

const removedPart = fc.tuple(fc.option(filter), part).map(([chosen, { name }]) => ({
  sent: { op: 'remove', path: pathOf(chosen?.text, name) },
  step: ((user) => {
    for (const one of user.emails) if (chosen?.holds(one) ?? true) delete one[name];
  }) satisfies Step,
}));

const writtenElement = fc.tuple(write, filter, email).map(([op, chosen, value]) => ({
  sent: { op, path: `emails[${chosen.text}]`, value },
  step: setElement(chosen, op, value),
}));

const wrong = fc
  .constantFrom<object>(
    { op: 'add', path: 'shoeSize', value: 'x' },
    { op: 'replace', path: 'id', value: 'x' },
    { op: 'move', path: 'title', value: 'x' },
    { op: 'remove' },
    { op: 'remove', path: 'emails', value: [{}] },
    { op: 'add', path: 'emails[shoe eq "x"].value', value: 'x' },
    { op: 'replace', path: 'title', value: 7 },
    { op: 'replace', path: 'active', value: 'yes' },
  )
  .map((sent) => ({ sent, step: refuse }));

function pathOf(filterText: string | undefined, name: string): string {
  return filterText === undefined ? `emails.${name}` : `emails[${filterText}].${name}`;
}

function stepOf(steps: readonly Step[]): Step {
  return (user) => {
    for (const step of steps) step(user);
  };
}

/** Any operation on a user; one in thirty is wrong. */
const operation: fc.Arbitrary<ModelOperation> = fc.oneof(
  { weight: 1, arbitrary: wrong },
  { weight: 4, arbitrary: writtenText },
  { weight: 2, arbitrary: removedText },
  { weight: 3, arbitrary: withoutPath },
  { weight: 2, arbitrary: wholeName },
  { weight: 1, arbitrary: removedName },
  { weight: 2, arbitrary: activity },
  { weight: 3, arbitrary: addedEmails },
  { weight: 2, arbitrary: replacedEmails },
  { weight: 1, arbitrary: removedEmails },
  { weight: 2, arbitrary: namedEmails },
  { weight: 2, arbitrary: selectedEmails },
  { weight: 4, arbitrary: writtenPart },
  { weight: 2, arbitrary: removedPart },
  { weight: 2, arbitrary: writtenElement },
);

/** The operations of one PATCH. */
export const operations = fc.array(operation, { minLength: 1, maxLength: 5 });
