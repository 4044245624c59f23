import { expect, test } from 'vitest';
import { patchBody } from '../support/scim-client.ts';
import { openWorld } from '../support/world.ts';
import { aDirectory, aProvisionedUser } from './directory.ts';
import { enterpriseUrn, userUrn } from './people.ts';

const directory = await aDirectory(await openWorld());
const { send } = directory;

type Described = {
  name: string;
  type: string;
  multiValued: boolean;
  mutability: string;
  required: boolean;
  canonicalValues?: string[];
  subAttributes?: Described[];
};

/** A value of the kind that the schema describes. */
function aValue({ type, canonicalValues, subAttributes = [], multiValued }: Described): unknown {
  if (type !== 'complex') {
    if (type === 'boolean') return true;
    if (type === 'reference') return 'https://x.example/a';
    return type === 'binary' ? 'YWJj' : (canonicalValues?.[0] ?? `text ${crypto.randomUUID()}`);
  }
  const writable = subAttributes.filter(
    ({ mutability, name }) => mutability !== 'readOnly' && name !== '$ref',
  );
  const whole = Object.fromEntries(writable.map((sub) => [sub.name, aValue(sub)]));
  return multiValued ? [whole] : whole;
}

async function attributesOf(urn: string): Promise<Described[]> {
  const { body } = await send('GET', `/Schemas/${urn}`);
  return body['attributes'] as Described[];
}

const userAttributes = await attributesOf(userUrn);
const enterpriseAttributes = await attributesOf(enterpriseUrn);
const isWritable = ({ mutability }: Described) => mutability !== 'readOnly';

test('every attribute that is advertised for users is stored and comes back as it was sent', async () => {
  const core = Object.fromEntries(userAttributes.filter(isWritable).map((one) => [one.name, aValue(one)]));
  const extension = Object.fromEntries(
    enterpriseAttributes.filter(isWritable).map((one) => [one.name, aValue(one)]),
  );

  const created = await send('POST', '/Users', { body: { ...core, [enterpriseUrn]: extension } });
  const read = await send('GET', `/Users/${created.body.id}`);

  expect(created.status, created.text).toBe(201);
  expect(read.body).toMatchObject({ ...core, [enterpriseUrn]: extension });
  expect(Object.keys(core).length).toBeGreaterThan(18);
});

test.each(userAttributes.filter((one) => isWritable(one) && !one.required).map(({ name }) => name))(
  'the attribute %s can be added and removed by a PATCH',
  async (name) => {
    const path = `/Users/${await aProvisionedUser(directory)}`;
    const described = userAttributes.find((one) => one.name === name);
    const value = described && aValue(described);

    const removed = await send('PATCH', path, { body: patchBody({ op: 'remove', path: name }) });
    const added = await send('PATCH', path, { body: patchBody({ op: 'add', path: name, value }) });

    expect(removed.body).not.toHaveProperty([name]);
    expect(added.body).toMatchObject({ [name]: value });
  },
);

test('what ServiceProviderConfig announces is served, and what it does not is refused', async () => {
  const { body } = await send('GET', '/ServiceProviderConfig');
  const path = `/Users/${await aProvisionedUser(directory)}`;

  const served = {
    patch:
      (await send('PATCH', path, { body: patchBody({ op: 'add', path: 'title', value: 'x' }) })).status < 300,
    bulk: (await send('POST', '/Bulk', { body: { Operations: [{ method: 'DELETE', path }] } })).status < 300,
    filter: (await send('GET', '/Users?filter=userName%20eq%20%22x%22')).status < 300,
    etag: (await send('GET', '/Users?count=1')).text.includes('"version":"W/'),
  };

  for (const [name, isServed] of Object.entries(served))
    expect(body[name]).toMatchObject({ supported: isServed });
  expect(body).toMatchObject({ changePassword: { supported: false } });
});

test('every resource type that is announced can be read, listed and described', async () => {
  const { body } = await send('GET', '/ResourceTypes');

  const types = body.Resources ?? [];
  expect(types.map(({ id }) => id)).toEqual(['User', 'Group']);
  for (const type of types) {
    const answers = [
      await send('GET', `/ResourceTypes/${type.id}`),
      await send('GET', String(type['endpoint'])),
      await send('GET', `/Schemas/${String(type['schema'])}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers[0]?.body).toEqual(type);
  }
});
