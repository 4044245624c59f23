import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { UserAttributes } from '../../../src/domain/user-attributes.ts';
import { applyPatch, readPatch } from '../../../scim/patch/patch.ts';
import { patchBody } from '../../support/scim-client.ts';
import { openWorld } from '../../support/world.ts';
import { aDirectory } from '../directory.ts';
import { aUser, enterpriseUrn } from '../people.ts';
import { applySteps, isSame, type ModelEmail, type ModelUser } from './patch-model.ts';
import { type ModelOperation, operations } from './patch-operations.ts';

const isLong = Boolean(process.env['LONG']);
const timeout = isLong ? 600_000 : 30_000;
const world = await openWorld();

const start: ModelUser = { texts: { userName: 'bob' }, active: true, emails: [] };

const sentOf = (all: readonly ModelOperation[]) => patchBody(...all.map(({ sent }) => sent));
const stepsOf = (all: readonly ModelOperation[]) => all.map(({ step }) => step);

/** What the model knows of a user that was patched. */
function modelOf({
  userName,
  displayName,
  title,
  nickName,
  name,
  enterprise,
  ...others
}: UserAttributes): ModelUser {
  const texts = {
    userName,
    displayName,
    title,
    nickName,
    'name.givenName': name.givenName,
    'name.familyName': name.familyName,
    department: enterprise.department,
    manager: enterprise.manager?.value ?? null,
  };
  return {
    texts: Object.fromEntries(Object.entries(texts).flatMap(([key, one]) => (one ? [[key, one]] : []))),
    active: others.active,
    emails: others.emails.map((one) => ({ ...one })),
  };
}

test(
  'any sequence of PATCHes gives what a plain model gives, and is refused where the model refuses',
  () => {
    fc.assert(
      fc.property(fc.array(operations, { minLength: 1, maxLength: 8 }), (patches) => {
        let model = start;
        let user = aUser({ userName: 'bob' });
        for (const patch of patches) {
          const expected = applySteps(model, stepsOf(patch));
          const before = structuredClone(user);
          const body: unknown = JSON.parse(JSON.stringify(sentOf(patch)));
          if (!expected) {
            expect(() => applyPatch(user, readPatch(body))).toThrow(expect.objectContaining({ status: 400 }));
            expect(user).toEqual(before);
            continue;
          }
          const { next, changed } = applyPatch(user, readPatch(body));
          expect(user).toEqual(before);
          expect(modelOf(next)).toEqual(expected);
          expect(changed).toBe(!isSame(model, expected));
          model = expected;
          user = next;
        }
      }),
      { numRuns: isLong ? 20_000 : 600 },
    );
  },
  timeout,
);

/** What the model knows of a resource that was answered. */
function readModel(body: Record<string, unknown>): ModelUser {
  const { userName, displayName, title, nickName, name, active, emails = [] } = Object(body);
  const { department, manager } = Object(body[enterpriseUrn]);
  const { givenName, familyName } = Object(name);
  const texts = {
    userName,
    displayName,
    title,
    nickName,
    'name.givenName': givenName,
    'name.familyName': familyName,
    department,
    manager: Object(manager).value,
  };
  const known = Object.entries(texts).flatMap(([key, one]) =>
    one === undefined ? [] : [[key, String(one)]],
  );
  return { texts: Object.fromEntries(known), active: Boolean(active), emails: emails as ModelEmail[] };
}

test(
  'what is stored is what the model gives; a change is one version and is recorded, and no change is neither',
  async () => {
    const { send, audit } = await aDirectory(world);
    const created = await send('POST', '/Users', { body: { userName: 'bob' } });
    const path = `/Users/${created.body.id}`;
    let model = start;
    let version = 1;
    const recorded = ['user.created'];

    for (const patch of fc.sample(operations, isLong ? 2_000 : 60)) {
      const expected = applySteps(model, stepsOf(patch));
      const answer = await send('PATCH', path, { body: sentOf(patch) });
      const context = JSON.stringify(patch.map(({ sent }) => sent));
      expect([context, answer.status]).toEqual([context, expected ? 200 : 400]);
      if (!expected) continue;
      if (!isSame(model, expected)) version += 1;
      if (!isSame(model, { ...expected, active: model.active })) recorded.push('user.updated');
      if (model.active !== expected.active) {
        recorded.push(expected.active ? 'user.reactivated' : 'user.deactivated');
      }
      expect([context, readModel(answer.body)]).toEqual([context, expected]);
      expect(answer.headers.get('etag')).toBe(`W/"${version}"`);
      model = expected;
    }

    const read = await send('GET', path);
    expect(readModel(read.body)).toEqual(model);
    expect(read.headers.get('etag')).toBe(`W/"${version}"`);
    const actions = (await audit(String(created.body.id))).map(({ action }) => action);
    expect(count(actions)).toEqual(count(recorded));
  },
  timeout,
);

function count(actions: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(actions, (one) => one)].map(([one, all]) => [one, all.length]));
}
