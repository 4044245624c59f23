import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { Membership } from '../../src/db/entities/user.ts';
import { aRegistration, mailTo, openWorld, type Session, strongPassword } from '../support/world.ts';
import { tokenIn } from '../support/mails.ts';
import { signIn } from './answers.ts';
import { verifyAddress } from './people.ts';

const world = await openWorld();

const strangersPassword = 'nineteen copper kettles sing low';

type Registered = Session & { email: string };

/** Ruth, and a stranger who registered a tenant of their own with Ruth's address. */
async function ruthAndAStranger() {
  const email = `ruth-${randomUUID()}@mail.example`;
  const ruth = await aRegistration(world, { email });
  const stranger = await aRegistration(world, { email, password: strangersPassword });
  return { ruth, stranger };
}

const statusOf = async ({ email, tenant }: Registered, password: string) =>
  (await signIn(world, email, { password, tenant: tenant.slug })).status;

const personOf = ({ tenant }: Registered) =>
  world.db.asControlPlane(world.entry({ kind: 'system' }), async ({ em }) => {
    const { personId, passwordHash } = await em.findOneOrFail(Membership, { tenantId: tenant.id });
    return { personId, passwordHash };
  });

test('registering a known address is answered like a new one', async () => {
  const email = `twice-${randomUUID()}@mail.example`;
  const first = await aRegistration(world, { email });
  await verifyAddress(world, first);

  const again = await aRegistration(world, { email });

  expect(Object.keys(again).toSorted()).toEqual(Object.keys(first).toSorted());
  expect(again.user).toMatchObject({ email, emailVerified: false, role: 'owner' });
  expect(again.tenant.id).not.toBe(first.tenant.id);
});

test('before any verification each password opens its own tenant and no other', async () => {
  const { ruth, stranger } = await ruthAndAStranger();

  expect(await statusOf(ruth, strongPassword)).toBe(200);
  expect(await statusOf(stranger, strangersPassword)).toBe(200);
  expect(await statusOf(ruth, strangersPassword)).toBe(401);
  expect(await statusOf(stranger, strongPassword)).toBe(401);
});

test('once Ruth has verified, a stranger’s password still opens the stranger’s own tenant alone', async () => {
  const { ruth, stranger } = await ruthAndAStranger();

  await verifyAddress(world, ruth);

  expect(await statusOf(ruth, strongPassword)).toBe(200);
  expect(await statusOf(ruth, strangersPassword)).toBe(401);
  expect(await statusOf(stranger, strangersPassword)).toBe(200);
  expect(await statusOf(stranger, strongPassword)).toBe(401);
});

test('verifying a stranger’s tenant by mistake links it, and gives the stranger’s password nothing more to open', async () => {
  const { ruth, stranger } = await ruthAndAStranger();
  await verifyAddress(world, stranger);

  await verifyAddress(world, ruth);

  const [first, second] = [await personOf(stranger), await personOf(ruth)];
  expect(first.personId).not.toBeNull();
  expect(second.personId).toBe(first.personId);
  expect(await statusOf(ruth, strongPassword)).toBe(200);
  expect(await statusOf(ruth, strangersPassword)).toBe(401);
  expect(await statusOf(stranger, strangersPassword)).toBe(200);
  expect(await statusOf(stranger, strongPassword)).toBe(401);
});

test('a password that the person sets opens every tenant of theirs, and no other password opens one', async () => {
  const { ruth, stranger } = await ruthAndAStranger();
  await verifyAddress(world, stranger);
  await verifyAddress(world, ruth);
  const chosen = 'eleven quiet otters read maps';
  await world.send('/api/auth/forgot-password', { body: { email: ruth.email } });
  const token = tokenIn(await mailTo(world, ruth.email, /new password/));

  const reset = await world.send('/api/auth/reset-password', { body: { token, password: chosen } });

  expect(reset.status).toBe(200);
  expect(await statusOf(ruth, chosen)).toBe(200);
  expect(await statusOf(stranger, chosen)).toBe(200);
  expect(await statusOf(ruth, strongPassword)).toBe(401);
  expect(await statusOf(stranger, strangersPassword)).toBe(401);
});

test('without a tenant the one last used opens', async () => {
  const email = `both-${randomUUID()}@mail.example`;
  const first = await aRegistration(world, { email });
  const second = await aRegistration(world, { email });
  await verifyAddress(world, first);
  await verifyAddress(world, second);

  await signIn(world, email, { tenant: first.tenant.slug });
  const thenFirst = await signIn(world, email);
  await signIn(world, email, { tenant: second.tenant.slug });
  const thenSecond = await signIn(world, email);

  expect(thenFirst.body.tenant.id).toBe(first.tenant.id);
  expect(thenSecond.body.tenant.id).toBe(second.tenant.id);
});
