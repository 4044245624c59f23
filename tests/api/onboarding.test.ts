import { expect, test } from 'vitest';
import { createIdentityProvider } from '../support/identity-provider.ts';
import { aRegistration, aTenant, openWorld, strongPassword } from '../support/world.ts';
import { auditOf, refusalOf, signIn } from './answers.ts';
import { anInvitation, anOperator, aPerson, theOwner } from './people.ts';

const world = await openWorld();
const { onboarding } = world.operator;

/** Section 4.3 of the operations manual, line by line. */
const checklist = [
  ['contract_signed', 'pre_onboarding'],
  ['requirements_documented', 'pre_onboarding'],
  ['sso_details_received', 'pre_onboarding'],
  ['user_list_received', 'pre_onboarding'],
  ['success_criteria_defined', 'pre_onboarding'],
  ['tenant_created', 'provisioning'],
  ['plan_set', 'provisioning'],
  ['settings_configured', 'provisioning'],
  ['sso_configured', 'provisioning'],
  ['admin_users_created', 'provisioning'],
  ['rate_limits_adjusted', 'provisioning'],
  ['admin_can_sign_in', 'validation'],
  ['sso_works', 'validation'],
  ['core_functionality_verified', 'validation'],
  ['integrations_tested', 'validation'],
  ['documentation_provided', 'handoff'],
  ['support_contacts_shared', 'handoff'],
  ['training_scheduled', 'handoff'],
  ['go_live_date_confirmed', 'handoff'],
];

const stateOf = async (tenantId: string, step: string) => {
  const { steps } = await onboarding.get.query({ tenantId });
  return steps.find((each) => each.step === step);
};

test('an enterprise tenant begins in onboarding with the nineteen steps of the manual, in its order', async () => {
  const { id: tenantId } = await aTenant(world, { onboarding: true });

  const { status, steps, wentLiveAt } = await onboarding.get.query({ tenantId });

  expect([status, wentLiveAt]).toEqual(['onboarding', null]);
  expect(steps.map(({ step, phase }) => [step, phase])).toEqual(checklist);
  expect(steps.every(({ owner, checkedBy, title }) => owner && checkedBy && title)).toBe(true);
});

test('creating a tenant ticks what has thereby happened, and nothing else', async () => {
  const { id: tenantId } = await aTenant(world, { onboarding: true });

  const { steps, open } = await onboarding.get.query({ tenantId });

  const done = steps.filter(({ state }) => state === 'done');
  expect(done.map(({ step }) => step)).toEqual(['tenant_created', 'plan_set', 'admin_users_created']);
  expect(done.every(({ settledBy }) => settledBy === 'system')).toBe(true);
  expect(open).toHaveLength(16);
});

test('settings and the first sign-in of an admin tick their steps', async () => {
  const tenant = await aTenant(world, { onboarding: true });

  await theOwner(world, tenant);
  await world.operator.tenants.update.mutate({
    tenantId: tenant.id,
    settings: { timeZone: 'Europe/Vienna' },
  });

  expect(await stateOf(tenant.id, 'admin_can_sign_in')).toMatchObject({ state: 'done', settledBy: 'system' });
  expect(await stateOf(tenant.id, 'settings_configured')).toMatchObject({
    state: 'done',
    settledBy: 'system',
  });
});

test('a connection that knows its identity provider ticks its step, a draft does not', async () => {
  const { id: tenantId } = await aTenant(world, { onboarding: true });
  const { sso } = world.operator.connections;

  await sso.create.mutate({ tenantId, name: 'draft' });
  const afterDraft = await stateOf(tenantId, 'sso_configured');
  const idp = await createIdentityProvider({
    entityId: 'https://idp.example/1',
    ssoUrl: 'https://idp.example/sso',
  });
  await sso.create.mutate({ tenantId, name: 'real', metadataXml: idp.metadataXml() });

  expect(afterDraft?.state).toBe('open');
  expect(await stateOf(tenantId, 'sso_configured')).toMatchObject({ state: 'done', settledBy: 'system' });
});

test('members cannot sign in before the tenant is live, admins can', async () => {
  const tenant = await aTenant(world, { onboarding: true });
  const admin = await aPerson(world, tenant.id, 'admin');
  const owner = await theOwner(world, tenant);
  await owner.client.directory.users.setRole.mutate({ userId: admin.user.id, role: 'member' });

  const asMember = await signIn(world, admin.email);
  const withOldSession = await refusalOf(admin.client.projects.list.query());
  await owner.client.directory.users.setRole.mutate({ userId: admin.user.id, role: 'admin' });
  const asAdmin = await signIn(world, admin.email);

  expect([asMember.status, asMember.body.reason]).toEqual([403, 'TENANT_ONBOARDING']);
  expect(withOldSession.reason).toBe('TENANT_ONBOARDING');
  expect(asAdmin.status).toBe(200);
});

test('a member’s invitation waits for go-live', async () => {
  const { id } = await aTenant(world, { onboarding: true });
  const token = await anInvitation(world, id, { email: 'early@people.example', role: 'member' });
  const accept = () =>
    world.send('/api/auth/accept-invitation', { body: { token, password: strongPassword } });

  const early = await accept();
  const { open } = await onboarding.get.query({ tenantId: id });
  for (const step of open) await onboarding.waiveStep.mutate({ tenantId: id, step, note: 'x' });
  await onboarding.goLive.mutate({ tenantId: id });

  expect([early.status, early.body.reason]).toEqual([403, 'TENANT_ONBOARDING']);
  expect((await accept()).status).toBe(201);
});

test('going live is refused with the list of what is open, happens once, and closes the checklist', async () => {
  const { id: tenantId } = await aTenant(world, { onboarding: true });
  await onboarding.completeStep.mutate({ tenantId, step: 'contract_signed', evidence: 'contract 7' });
  const { open } = await onboarding.get.query({ tenantId });

  const early = await refusalOf(onboarding.goLive.mutate({ tenantId }));

  expect(early).toMatchObject({ reason: 'TRANSITION_NOT_ALLOWED', from: 'onboarding', action: 'go_live' });
  expect(early.open.toSorted()).toEqual(open.toSorted());
  expect(early.open).not.toContain('contract_signed');
  for (const step of open) await onboarding.waiveStep.mutate({ tenantId, step, note: 'not needed' });
  expect(await onboarding.goLive.mutate({ tenantId })).toMatchObject({
    status: 'active',
    wentLiveAt: expect.any(String),
  });
  expect((await refusalOf(onboarding.goLive.mutate({ tenantId }))).reason).toBe('TRANSITION_NOT_ALLOWED');
  const late = await refusalOf(onboarding.completeStep.mutate({ tenantId, step: 'contract_signed' }));
  expect(late.reason).toBe('TRANSITION_NOT_ALLOWED');
  expect((await auditOf(world, tenantId)).filter((action) => action === 'tenant.went_live')).toHaveLength(1);
});

test('waiving needs a note, and no step is invented', async () => {
  const { id: tenantId } = await aTenant(world, { onboarding: true });
  const { waiveStep, completeStep } = onboarding;

  const blank = await refusalOf(waiveStep.mutate({ tenantId, step: 'sso_works', note: '  ' }));
  const invented = await refusalOf(completeStep.mutate({ tenantId, step: 'constructor' }));
  const waived = await waiveStep.mutate({ tenantId, step: 'sso_works', note: 'passwords only' });

  expect(blank).toMatchObject({ reason: 'INVALID_INPUT', fields: ['note'] });
  expect(invented).toMatchObject({ reason: 'INVALID_INPUT', fields: ['step'] });
  expect(waived).toMatchObject({ state: 'waived', note: 'passwords only', settledBy: 'operator' });
});

test('customer success steers the checklist; billing, readers and the tenant’s owner may only look', async () => {
  const tenant = await aTenant(world, { onboarding: true });
  const tenantId = tenant.id;
  const owner = await theOwner(world, tenant);
  const step = { step: 'contract_signed' } as const;

  for (const role of ['billing', 'read_only'] as const) {
    const { client } = await anOperator(world, role);
    expect((await refusalOf(client.onboarding.completeStep.mutate({ tenantId, ...step }))).reason).toBe(
      'PERMISSION_DENIED',
    );
    expect((await client.onboarding.get.query({ tenantId })).steps).toHaveLength(19);
  }
  expect((await refusalOf(owner.client.onboarding.completeStep.mutate(step))).reason).toBe(
    'PERMISSION_DENIED',
  );
  expect((await refusalOf(owner.client.onboarding.goLive.mutate())).reason).toBe('PERMISSION_DENIED');
  expect((await owner.client.onboarding.get.query()).steps).toHaveLength(19);
  const { client } = await anOperator(world, 'customer_success');
  expect(await client.onboarding.completeStep.mutate({ tenantId, ...step })).toMatchObject({ state: 'done' });
});

test('a tenant that registered by itself has no checklist to settle', async () => {
  const { tenant } = await aRegistration(world);

  const refusal = await refusalOf(
    onboarding.completeStep.mutate({ tenantId: tenant.id, step: 'contract_signed' }),
  );

  expect(refusal.reason).toBe('NOT_FOUND');
  expect((await onboarding.get.query({ tenantId: tenant.id })).steps).toEqual([]);
});

test('going live asks to confirm the custom limits; agreeing others confirms them', async () => {
  const { id: tenantId } = await aTenant(world, { onboarding: true });
  const limits = { storageBytes: 5_000_000_000_000, apiCalls: 50_000 };

  const early = await refusalOf(onboarding.goLive.mutate({ tenantId }));
  await world.operator.plans.setOverrides.mutate({ tenantId, limits, note: 'contract 7' });
  const { limitsToConfirm, open } = await onboarding.get.query({ tenantId });

  expect(early.message).toContain('storageBytes 1000000000000 and apiCalls 20000');
  expect(limitsToConfirm).toEqual(limits);
  expect(open).not.toContain('rate_limits_adjusted');
});
