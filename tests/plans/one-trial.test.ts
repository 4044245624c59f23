import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { proveTrial } from '../../src/actions/lifecycle/trial-end.ts';
import type { Plan } from '../../src/domain/plans/catalogue.ts';
import { refusalOf } from '../api/answers.ts';
import { anInvitation, aVerificationToken } from '../api/people.ts';
import { connect } from '../support/connection.ts';
import { aRegistration, openWorld } from '../support/world.ts';

// Nothing is sent here: what was promised is looked at.
const world = await openWorld({ env: { ROLE: 'web' } });
const { operator } = world;
const query = await connect(world.database.ownerUrl);

const get = (tenantId: string) => operator.tenants.get.query({ tenantId });

/** A company's domain that nobody else in this file has. */
const aDomain = () => `acme-${randomUUID().slice(0, 8)}.com`;

async function mailsOf(tenantId: string): Promise<string[]> {
  const rows = await world.inTenant(tenantId, ({ em }) =>
    em.execute<{ mail: string }[]>(
      'select distinct mail, occurrence, promised_at from notifications order by promised_at',
    ),
  );
  return rows.map(({ mail }) => mail);
}

const register = (email: string, plan: Plan = 'professional') =>
  world.send('/api/auth/register', {
    body: { email, password: 'seven purple herons drift west', name: 'Ruth', tenantName: 'Acme', plan },
  });

/** A registration with its owner's address proven. */
async function aProvenTrial(email: string) {
  const registered = await aRegistration(world, { email, plan: 'professional' });
  await prove(registered);
  return String(registered.tenant['id']);
}

async function prove(registered: Awaited<ReturnType<typeof aRegistration>>): Promise<void> {
  const token = await aVerificationToken(world, registered);
  const { status } = await world.send('/api/auth/verify-email', { body: { token } });
  expect(status).toBe(200);
}

describe('a company has one trial', () => {
  test('and a second one is refused at registration, once the first owner’s address is proven', async () => {
    const domain = aDomain();
    await aProvenTrial(`ann@${domain}`);

    const refused = await register(`bob@mail.${domain}`);
    const free = await register(`bob@${domain}`, 'free');

    expect(refused).toMatchObject({ status: 409, body: { reason: 'CONFLICT', field: 'plan' } });
    expect(refused.body.detail).toMatch(/register with the free plan, or ask us/);
    expect(free.status).toBe(201);
  });

  test('and one who does not prove the address burns nothing, and is not refused', async () => {
    const domain = aDomain();

    const squatter = await register(`mallory@${domain}`);
    const real = await register(`ann@${domain}`);

    expect([squatter.status, real.status]).toEqual([201, 201]);
  });

  test('and of two that began before, the one that is proven later ends then, and is told why', async () => {
    const domain = aDomain();
    const first = await aRegistration(world, { email: `ann@${domain}`, plan: 'professional' });
    const second = await aRegistration(world, { email: `bob@${domain}`, plan: 'professional' });
    await prove(first);

    await prove(second);

    const [firstId, secondId] = [String(first.tenant['id']), String(second.tenant['id'])];
    expect(await get(firstId)).toMatchObject({ plan: 'professional', status: 'trial' });
    expect(await get(secondId)).toMatchObject({ plan: 'free', status: 'active' });
    expect(await mailsOf(secondId)).toEqual(['trial_used']);
  });

  test('and proven by two at the same moment, one of them goes on', async () => {
    const domain = aDomain();
    const emails = [`ann@${domain}`, `bob@${domain}`, `cy@${domain}`];
    const all = await Promise.all(
      emails.map((email) => aRegistration(world, { email, plan: 'professional' })),
    );

    await Promise.all(all.map(prove));

    const statuses = await Promise.all(
      all.map(async ({ tenant }) => (await get(String(tenant['id']))).status),
    );
    expect(statuses.toSorted()).toEqual(['active', 'active', 'trial']);
  });

  test('but a second owner of the same tenant changes nothing, whatever the domain', async () => {
    const domain = aDomain();
    const used = aDomain();
    await aProvenTrial(`ann@${used}`);
    const tenantId = await aProvenTrial(`ann@${domain}`);

    for (const email of [`bob@${domain}`, `ann@${used}`]) {
      const token = await anInvitation(world, tenantId, { email, role: 'owner' });
      const { status } = await world.send('/api/auth/accept-invitation', {
        body: { token, password: 'seven purple herons drift west' },
      });
      expect([200, 201]).toContain(status);
    }

    expect(await get(tenantId)).toMatchObject({ plan: 'professional', status: 'trial' });
  });

  test('a shared domain is nobody’s: each address has its own, and none is told to be known', async () => {
    const email = `ann-${randomUUID().slice(0, 8)}@gmail.com`;
    await aProvenTrial(email);

    const other = await register(`bob-${randomUUID().slice(0, 8)}@gmail.com`);
    const same = await aRegistration(world, { email, plan: 'professional' });
    await prove(same);

    expect(other.status).toBe(201);
    expect(await get(String(same.tenant['id']))).toMatchObject({ plan: 'free', status: 'active' });
  });

  test('an operator who makes a tenant is told, and may give another', async () => {
    const domain = aDomain();
    await aProvenTrial(`ann@${domain}`);
    const wanted = { name: 'Acme', slug: `s-${randomUUID().slice(0, 8)}`, plan: 'starter' } as const;
    const create = { ...wanted, adminEmail: `bob@${domain}` };

    const refused = await refusalOf(operator.tenants.create.mutate(create));
    const { id } = await operator.tenants.create.mutate({ ...create, again: true });
    await world.inTenant(id, (scope) => proveTrial(scope, `bob@${domain}`));

    expect(refused).toMatchObject({ reason: 'CONFLICT', field: 'again' });
    expect(await get(id)).toMatchObject({ plan: 'starter', status: 'trial' });
  });

  test('of it nothing but a hash is kept', async () => {
    const domain = aDomain();
    await aProvenTrial(`ann@${domain}`);

    const rows = await query<{ key_hash: string }>('select key_hash from used_trials', []);

    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toMatch(/acme|ann/);
  });
});
