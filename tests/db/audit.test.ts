import { describe, expect, test } from 'vitest';
import { SubjectKey } from '../../src/db/entities/audit.ts';
import { noTenant } from '../../src/db/policies.ts';
import {
  aRegistration,
  aScimToken,
  aTenant,
  anOwner,
  mailTo,
  openWorld,
  strongPassword,
} from '../support/world.ts';
import { tokenIn } from '../support/mails.ts';
import { eventCount, eventTexts } from './audit-events.ts';

// Behind a proxy on this machine, so that a caller's address is one we choose.
const world = await openWorld({ env: { TRUST_PROXY: 'loopback' } });
const address = '203.0.113.77';
const from = { 'x-forwarded-for': address, 'user-agent': 'Browser of Ruth' };

describe('personal values', () => {
  test('of somebody who registers are nowhere in clear, open in the list, and close with the person’s key', async () => {
    const email = 'ruth.register@mail.example';
    const registered = await world.send('/api/auth/register', {
      body: { email, password: strongPassword, name: 'Ruth Register', tenantName: 'Acme' },
      headers: from,
    });
    const { tenant, user, refreshToken } = registered.body;
    const verification = tokenIn(await mailTo(world, email));
    await world.send('/api/auth/verify-email', { body: { token: verification }, headers: from });
    await world.send('/api/auth/refresh', { body: { refreshToken }, headers: from });
    await world.send('/api/auth/refresh', { body: { refreshToken }, headers: from });
    const login = await world.send('/api/auth/login', {
      body: { email, password: strongPassword },
      headers: from,
    });
    await world.send('/api/auth/logout', { body: { refreshToken: login.body.refreshToken }, headers: from });

    const before = await listed(tenant.id);
    await world.inTenant(tenant.id, ({ em }) =>
      em.nativeDelete(SubjectKey, { tenantId: tenant.id, subjectId: user.id }),
    );
    const after = await listed(tenant.id);

    const texts = await eventTexts(world, tenant.id);
    expect(texts.length).toBeGreaterThan(6);
    for (const secret of [email, 'ruth.register', 'Ruth', address, 'Browser of Ruth']) {
      expect(texts.filter((text) => text.includes(secret))).toEqual([]);
    }
    expect(before.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        'tenant.registered',
        'user.created',
        'session.started',
        'user.email_verified',
        'refresh_token.reused',
        'session.ended',
      ]),
    );
    expect(before.find(({ action }) => action === 'user.created')?.personal[user.id]).toEqual({
      userName: email,
      email,
      ip: address,
      userAgent: 'Browser of Ruth',
    });
    for (const { action, personal } of before)
      expect([action, Object.keys(personal)]).toEqual([action, [user.id]]);
    expect(after.map(withoutPersonal)).toEqual(before.map(withoutPersonal));
    for (const { personal } of after) expect(personal).toEqual({ [user.id]: null });
  });

  test('of somebody who accepts an invitation close with their key and the invitation’s', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const { user } = await anOwner(world, tenant);

    const keys = await world.inTenant(tenant.id, ({ em }) => em.find(SubjectKey, {}));
    const before = JSON.stringify(await listed(tenant.id));
    await world.inTenant(tenant.id, ({ em }) => em.nativeDelete(SubjectKey, {}));
    const after = JSON.stringify(await listed(tenant.id));

    expect(keys).toHaveLength(2);
    expect(keys.map(({ subjectId }) => subjectId)).toContain(user.id);
    expect(before).toContain(tenant.ownerEmail);
    expect(after).not.toContain(tenant.ownerEmail);
    expect((await eventTexts(world, tenant.id)).join()).not.toContain(tenant.ownerEmail);
  });

  test('that a directory provisions are nowhere in clear', async () => {
    const tenant = await aTenant(world);
    const { token } = await aScimToken(world, tenant);
    const email = 'sam.scim@mail.example';
    const name = { givenName: 'Samantha', familyName: 'Scimmer' };
    const body = {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: email,
      name,
      emails: [{ value: email }],
    };

    const made = await world.send(`/scim/v2/${tenant.slug}/Users`, { body, token, headers: from });
    await world.send(`/scim/v2/${tenant.slug}/Users/${made.body.id}`, {
      method: 'PUT',
      body: { ...body, displayName: 'Samantha Renamed', active: false },
      token,
      headers: from,
    });

    const texts = await eventTexts(world, tenant.id);
    const events = await listed(tenant.id);
    expect(made.status).toBe(201);
    expect(events.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['user.created', 'user.deactivated']),
    );
    for (const secret of [email, 'Samantha', 'Scimmer', 'Renamed', address]) {
      expect(texts.filter((text) => text.includes(secret))).toEqual([]);
    }
    expect(events.find(({ action }) => action === 'user.created')?.personal[made.body.id]).toMatchObject({
      email,
    });
  });

  test('of operators and of actions without a tenant are nowhere in clear', async () => {
    const email = 'otto.operator@ops.example';

    await world.operator.operators.create.mutate({ email, name: 'Otto Operator', role: 'read_only' });
    const { email: known } = await aRegistration(world);
    await world.send('/api/auth/forgot-password', { body: { email: known }, headers: from });

    const texts = await eventTexts(world, noTenant);
    expect(texts.length).toBeGreaterThan(1);
    for (const secret of [email, 'Otto', known, address]) {
      expect(texts.filter((text) => text.includes(secret))).toEqual([]);
    }
  });

  test('are sealed with the event: moved to another they do not open', async () => {
    const { tenant } = await aRegistration(world);
    const [event] = await world.inTenant(tenant.id, ({ em }) =>
      em.execute<{ id: string }[]>(`select id from audit_events where action = 'user.created'`),
    );

    await world.inTenant(tenant.id, ({ em }) =>
      em.execute(
        `insert into audit_events (tenant_id, id, at, action, actor_kind, details, personal)
         select tenant_id, gen_random_uuid(), at, 'user.updated', actor_kind, details, personal from audit_events where id = ?`,
        [event?.id],
      ),
    );

    await expect(listed(tenant.id)).rejects.toMatchObject({ data: { code: 'INTERNAL_SERVER_ERROR' } });
  });
});

describe('a mutation that is refused leaves no event', () => {
  test('by its tenant’s status', async () => {
    const tenant = await aTenant(world, { plan: 'starter' });
    const owner = world.as((await anOwner(world, tenant)).accessToken);
    const cause = { trigger: 'customer_request', mode: 'read_only', note: 'a test' } as const;
    await world.operator.suspension.suspend.mutate({ tenantId: tenant.id, ...cause });
    const before = await eventCount(world, tenant.id);

    await expect(owner.projects.create.mutate({ name: 'P' })).rejects.toMatchObject({
      data: { reason: 'TENANT_READ_ONLY' },
    });

    expect(await eventCount(world, tenant.id)).toBe(before);
  });

  test('by the database, after the event was written', async () => {
    const taken = await aTenant(world, { plan: 'free' });
    const before = { none: await eventCount(world, noTenant), taken: await eventCount(world, taken.id) };
    const input = { name: 'Twin', slug: taken.slug, plan: 'free', adminEmail: 'twin@mail.example' } as const;

    await expect(world.operator.tenants.create.mutate(input)).rejects.toMatchObject({
      data: { reason: 'CONFLICT' },
    });

    const { items } = await world.operator.tenants.list.query({ search: 'Twin' });
    expect(items).toEqual([]);
    expect({ none: await eventCount(world, noTenant), taken: await eventCount(world, taken.id) }).toEqual(
      before,
    );
  });

  test('by its permission', async () => {
    const tenant = await aTenant(world, { plan: 'free' });
    const owner = world.as((await anOwner(world, tenant)).accessToken);
    const before = await eventCount(world, tenant.id);

    const tried = owner.suspension.reinstate.mutate({ note: 'please' });

    await expect(tried).rejects.toMatchObject({
      data: { code: expect.stringMatching(/FORBIDDEN|CONFLICT/) },
    });
    expect(await eventCount(world, tenant.id)).toBe(before);
  });
});

async function listed(tenantId: string) {
  const { items } = await world.operator.audit.list.query({ tenantId, limit: 100 });
  return items.map(({ id, action, actor, target, personal }) => ({
    id,
    action,
    actor,
    target,
    personal: personal as Record<string, unknown>,
  }));
}

function withoutPersonal(event: object): object {
  return { ...event, personal: null };
}
