import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { TenantryClient } from '../../src/cli/client.ts';
import { appRouter } from '../../src/api/trpc/router.ts';
import { Offboarding } from '../../src/db/entities/offboarding.ts';
import { noTenant } from '../../src/db/policies.ts';
import type { Scope } from '../../src/db/scope.ts';
import type { OperatorRole } from '../../src/domain/actors.ts';
import { refusalOf } from '../api/answers.ts';
import { aScimToken, aTenant, anOwner, openWorld, type TestTenant } from '../support/world.ts';
import { directoryMutations } from './directory-mutations.ts';
import { planMutations } from './plan-mutations.ts';

const world = await openWorld();
const { operator } = world;
const live = await aTenant(world);
const tenantId = live.id;
await anOwner(world, live);

type Input = Record<string, unknown>;

/** How to call every mutation so that it changes something. One that is missing here fails a test. */
const calls: Readonly<Record<string, () => Promise<Input>>> = {
  'tenants.create': async () => ({ name: 'New', slug: aSlug(), plan: 'free', adminEmail: anEmail() }),
  'tenants.update': async () => ({ tenantId, name: `Renamed ${randomUUID()}` }),
  'tenants.advanceClock': async () => ({
    tenantId: (await aTenant(world, { plan: 'free', sandbox: true })).id,
    by: 'P1D',
  }),
  'onboarding.completeStep': async () => ({ ...(await anOpenStep()), evidence: 'ticket 7' }),
  'onboarding.waiveStep': async () => ({ ...(await anOpenStep()), note: 'not needed' }),
  'onboarding.goLive': async () => ({ tenantId: await aReadyTenant() }),
  ...planMutations(world),
  'suspension.suspend': async () => ({ tenantId: (await aTenant(world, { plan: 'free' })).id, ...cause }),
  'suspension.reinstate': async () => ({ tenantId: (await aSuspended()).id, note: 'paid' }),
  'suspension.confirmPayment': async () => aPromise(),
  'offboarding.schedule': async () => ({ tenantId: (await aTenant(world, { plan: 'free' })).id, ...leave }),
  'offboarding.cancel': async () => ({ ...(await aLeaver()), note: 'they stay' }),
  'offboarding.execute': async () => aLeaver(),
  'offboarding.placeHold': async () => ({ tenantId: (await aTenant(world)).id, note: 'a court asked' }),
  'tasks.complete': async () => aTask(),
  'customers.update': async () => ({ tenantId, crmId: randomUUID() }),
  'customers.addNote': async () => ({ tenantId, note: 'called them' }),
  ...directoryMutations(world, live),
  'connections.scim.createToken': async () => ({ tenantId, label: 'directory' }),
  'connections.scim.rotateToken': async () => ({ tenantId, tokenId: (await aScimToken(world, live)).id }),
  'connections.scim.revokeToken': async () => ({ tenantId, tokenId: (await aScimToken(world, live)).id }),
  'connections.sso.create': async () => ({ tenantId, name: 'IdP' }),
  'connections.sso.update': async () => ({
    tenantId,
    connectionId: await aConnection(),
    name: 'IdP, renamed',
  }),
  'connections.sso.remove': async () => ({ tenantId, connectionId: await aConnection() }),
  'projects.create': async () => ({ tenantId, name: 'P' }),
  'projects.update': async () => ({ tenantId, projectId: await aProject(), name: 'P, renamed' }),
  'projects.remove': async () => ({ tenantId, projectId: await aProject() }),
  'webhooks.create': async () => ({ tenantId, url: hook }),
  'webhooks.update': async () => ({ endpointId: await anEndpoint(), description: 'renamed' }),
  'webhooks.remove': async () => ({ endpointId: await anEndpoint() }),
  'webhooks.rotateSecret': async () => ({ endpointId: await anEndpoint() }),
  'webhooks.test': async () => ({ endpointId: await anEndpoint() }),
  'webhooks.redeliver': async () => ({ deliveryId: await aDelivery() }),
  'deadlines.pause': async () => ({ kind: 'inactivity_notice_14', note: 'a test' }),
  'deadlines.resume': async () => ({ kind: 'inactivity_notice_14', note: 'a test' }),
  'operators.create': async () => ({ email: anEmail(), name: 'Otto', role: 'read_only' }),
  'operators.setRole': async () => ({ operatorId: (await anOperator('billing')).id, role: 'read_only' }),
  'operators.revoke': async () => ({ operatorId: (await anOperator()).id }),
  'operators.rotateToken': async () => ({}),
  'approvals.approve': async () => ({ approvalId: await anApproval() }),
  'approvals.reject': async () => ({ approvalId: await anApproval(), note: 'not now' }),
  'approvals.breakGlass': async () => ({ approvalId: await anApproval(operator), reason: 'an emergency' }),
  'approvals.review': async () => ({ approvalId: await aBrokenGlass(), note: 'seen' }),
  'serviceClients.create': async () => ({ name: 'host' }),
  'serviceClients.rotate': async () => ({ clientId: await aServiceClient() }),
  'serviceClients.revoke': async () => ({ clientId: await aServiceClient() }),
};

const hook = 'https://hooks.example/';
const leave = { trigger: 'contract_end', note: 'a test' } as const;
const cause = { trigger: 'customer_request', mode: 'read_only', note: 'a test' } as const;
const procedures = new Map<string, unknown>(Object.entries(read(definitionOf(appRouter), 'procedures')));
const mutations = [...procedures]
  .filter(([, procedure]) => read(definitionOf(procedure), 'type').valueOf() === 'mutation')
  .map(([path]) => path);
/** A hold is always released by two people; of whom a purge was claimed nothing can be read any more; only owners pay: they have tests of their own. */
const elsewhere = ['offboarding.releaseHold', 'offboarding.purge', 'billing.checkout', 'billing.portal'];

test('every mutation of the router is in the table, and nothing else', () => {
  expect(mutations.length).toBeGreaterThan(25);
  expect(Object.keys(calls).toSorted()).toEqual(
    mutations.filter((path) => !elsewhere.includes(path)).toSorted(),
  );
});

test.each(Object.keys(calls))('%s leaves an event that names its caller and its request', async (path) => {
  const input = (await calls[path]?.()) ?? {};
  // The bootstrap operator's token is the environment's to give; one's own is rotated by another operator.
  const caller = path === 'operators.rotateToken' ? await anOperator() : await bootstrap();

  const answer = await world.send(`/trpc/${path}`, { body: input, token: caller.token });

  expect(answer, answer.text).toMatchObject({ status: 200 });
  const events = await eventsOf(
    answer.headers.get('x-request-id'),
    input['tenantId'] ?? answer.body.result.data.id,
  );
  expect(events.length).toBeGreaterThan(0);
  expect(events).toContainEqual({ actor_kind: 'operator', actor_id: caller.id });
});

/** What tRPC keeps of a router or a procedure; the router's own type speaks only of what clients call. */
function definitionOf(value: unknown): object {
  return read(value, '_def');
}

function read(value: unknown, key: string): object {
  return Object(Reflect.get(Object(value), key));
}

/** The events of one request, in its tenant's trail and in that of no tenant. */
async function eventsOf(requestId: string | null, tenant: unknown): Promise<unknown[]> {
  const find = ({ em }: Scope) =>
    em.execute<unknown[]>(`select actor_kind, actor_id from audit_events where request_id = ?`, [requestId]);
  const known = await operator.tenants.list.query({ limit: 100 });
  const isTenant = known.items.some(({ id }) => id === tenant && id !== noTenant);
  return [
    ...(await world.db.asControlPlane(world.entry({ kind: 'system' }), find)),
    ...(isTenant ? await world.inTenant(String(tenant), find) : []),
  ];
}

async function bootstrap(): Promise<{ id: string | undefined; token: string }> {
  const { items } = await operator.operators.list.query({ limit: 100 });
  return { id: items.at(-1)?.id, token: world.bootstrapToken };
}

async function anOperator(role: OperatorRole = 'read_only'): Promise<{ id: string; token: string }> {
  const { operator: made, token } = await operator.operators.create.mutate({
    email: anEmail(),
    name: 'Otto',
    role,
  });
  return { id: made.id, token };
}

async function anEngineer(): Promise<TenantryClient> {
  return world.as((await anOperator('engineering')).token);
}

/** Something that somebody asked for, and that waits for approval. */
async function anApproval(asker?: TenantryClient): Promise<string> {
  const { id: operatorId } = await anOperator();
  const { operators } = asker ?? (await anEngineer());
  const { approvalId } = await refusalOf(operators.setRole.mutate({ operatorId, role: 'billing' }));
  return String(approvalId);
}

async function aBrokenGlass(): Promise<string> {
  const asker = await anEngineer();
  const approvalId = await anApproval(asker);
  await asker.approvals.breakGlass.mutate({ approvalId, reason: 'an emergency' });
  return approvalId;
}

async function aServiceClient(): Promise<string> {
  return (await operator.serviceClients.create.mutate({ name: 'host' })).clientId;
}

async function anEndpoint(): Promise<string> {
  return (await operator.webhooks.create.mutate({ url: hook })).id;
}

async function aDelivery(): Promise<string> {
  return (await operator.webhooks.test.mutate({ endpointId: await anEndpoint() })).id;
}

async function aProject(): Promise<string> {
  return (await operator.projects.create.mutate({ tenantId, name: 'P' })).id;
}

async function aConnection(): Promise<string> {
  return (await operator.connections.sso.create.mutate({ tenantId, name: 'IdP' })).id;
}

async function aSuspended(): Promise<TestTenant> {
  const tenant = await aTenant(world, { plan: 'free' });
  await operator.suspension.suspend.mutate({ tenantId: tenant.id, ...cause });
  return tenant;
}

/** A tenant whose notice is over, and that no sweep has come to yet. */
async function aLeaver(): Promise<Input> {
  const { id, slug } = await aTenant(world, { plan: 'free' });
  await operator.offboarding.schedule.mutate({ tenantId: id, ...leave });
  await world.inTenant(id, (scope) =>
    scope.em.nativeUpdate(Offboarding, { tenantId: id }, { effectiveAt: scope.now }),
  );
  return { tenantId: id, confirm: slug };
}

async function aPromise(): Promise<Input> {
  const { id } = await aTenant(world, { plan: 'free' });
  const unpaid = { trigger: 'payment_failure', mode: 'read_only', note: 'a test' } as const;
  const { suspension } = await operator.suspension.suspend.mutate({ tenantId: id, ...unpaid });
  const promisedUntil = new Date(Date.now() + 86_400_000).toISOString();
  const promise = { resolution: 'payment_promised', promisedUntil, note: 'on Friday' } as const;
  await operator.suspension.reinstate.mutate({ tenantId: id, ...promise });
  return { tenantId: id, suspensionId: suspension.id, note: 'it came' };
}

async function aTask(): Promise<Input> {
  const { id } = await aSuspended();
  const { items } = await operator.tasks.list.query({ tenantId: id });
  return { tenantId: id, taskId: items[0]?.id, note: 'called them' };
}

async function anOpenStep(): Promise<{ tenantId: string; step: string | undefined }> {
  const { id } = await aTenant(world, { onboarding: true });
  const { open } = await operator.onboarding.get.query({ tenantId: id });
  return { tenantId: id, step: open[0] };
}

async function aReadyTenant(): Promise<string> {
  const { id: tenantId } = await aTenant(world, { onboarding: true });
  const { open } = await operator.onboarding.get.query({ tenantId });
  for (const step of open) await operator.onboarding.waiveStep.mutate({ tenantId, step, note: 'x' });
  return tenantId;
}

const aSlug = () => `t-${randomUUID().slice(0, 13)}`;

const anEmail = () => `${randomUUID().slice(0, 13)}@mail.example`;
