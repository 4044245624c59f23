import type { Step } from '../script.ts';
import { createBrowser, factOn } from '../browser.ts';
import { readSession, refusalOf } from '../json-client.ts';
import { signInOverSaml } from '../sign-in.ts';
import { password, type Stage, type StoryTenant } from '../stage.ts';
import type { EntraDirectory } from './entra.ts';
import type { OktaDirectory } from './okta.ts';
import type { Owner } from './owner.ts';
import type { ServiceClient } from './sign-in.ts';
import type { SsoSetup } from './sso-setup.ts';

export type Cast = {
  owner: Owner;
  sso: SsoSetup;
  people: OktaDirectory;
  microsoft: EntraDirectory;
  host: ServiceClient;
};

/** The tenant is suspended for one cause and for another, and reinstated. */
export async function suspendAndReinstate(stage: Stage, tenant: StoryTenant, cast: Cast): Promise<void> {
  const { customerSuccess, id: tenantId } = tenant;
  const step = stage.chapter('The tenant is suspended for two causes, and reinstated');

  const invoice = await step(
    'an unpaid invoice suspends it, read-only, and its owner is told',
    async (sees) => {
      const note = 'invoice 2026-11 is unpaid';
      const cause = { trigger: 'payment_failure', mode: 'read_only', invoice: 'in_2026_11' } as const;
      const input = { tenantId, note, ...cause };
      const { status, accessMode, suspension } = await customerSuccess.suspension.suspend.mutate(input);
      sees('status', status, 'suspended');
      sees('access', accessMode, 'read_only');
      const mail = await stage.mailbox.await(tenant.ownerEmail, /suspended/);
      sees('mail tells the reason', mail.text?.includes(`Reason: ${note}`), true);
      return suspension;
    },
  );
  await lookAtReadOnly(step, stage, cast);

  const incident = await step('a security incident comes on top: the strictest cause rules', async (sees) => {
    const note = 'credentials were leaked';
    const input = { tenantId, trigger: 'security_incident', mode: 'blocked', note } as const;
    const { accessMode, suspension } = await stage.engineering.suspension.suspend.mutate(input);
    sees('access', accessMode, 'blocked');
    return suspension;
  });
  await lookAtBlocked(step, stage, { ...cast, ownerEmail: tenant.ownerEmail });

  await step('both reviews stand in the operators’ queue, due at once', async (sees) => {
    const { items } = await customerSuccess.tasks.list.query({ tenantId, priority: 'P0' });
    sees(
      'subjects',
      items.map(({ subjectId }) => subjectId),
      [invoice.id, incident.id],
    );
    sees('owner', items[0]?.owner, 'customer_success');
    sees('backup', items[0]?.backup, 'engineering');
  });

  await step('no word lifts an unpaid invoice: it is paid, or a day is promised', async (sees) => {
    const lifted = { tenantId, suspensionId: invoice.id, note: 'they are nice people' };
    const refusal = await refusalOf(customerSuccess.suspension.reinstate.mutate(lifted));
    sees('reinstating', refusal.reason, 'INVALID_INPUT');
  });

  await step('the invoice is paid: that never lifts the security suspension', async (sees) => {
    const lifted = { tenantId, suspensionId: invoice.id, note: 'paid', resolution: 'paid' } as const;
    const { status, accessMode } = await customerSuccess.suspension.reinstate.mutate(lifted);
    sees('status', status, 'suspended');
    sees('access', accessMode, 'blocked');
  });

  await step('the incident is over: the tenant is what it was before', async (sees) => {
    const lifted = { tenantId, suspensionId: incident.id, note: 'all passwords were changed' };
    const { status, accessMode } = await stage.engineering.suspension.reinstate.mutate(lifted);
    sees('status', status, 'active');
    sees('access', accessMode, 'full');
    sees('owner’s old session', (await stage.http.get('/api/auth/me', cast.owner.token)).status, 401);
    sees('Ada signs in', (await signInOverSaml(cast.sso, cast.people.ada)).page.status, 303);
    sees(
      'SCIM provisions',
      (await cast.people.okta.updateUser(cast.people.ada.id, { title: 'Planner' })).status,
      200,
    );
    sees('queue', (await customerSuccess.tasks.list.query({ tenantId, priority: 'P0' })).items, []);
  });
  await promiseToPay(step, tenant);
}

/** A promise reopens a tenant until its day; kept, the day passes. */
async function promiseToPay(step: Step, { customerSuccess, id: tenantId }: StoryTenant): Promise<void> {
  const promise = await step(
    'the next invoice is promised for next week: the tenant is open until then',
    async (sees) => {
      const cause = { trigger: 'payment_failure', mode: 'read_only', invoice: 'in_2026_12' } as const;
      await customerSuccess.suspension.suspend.mutate({
        tenantId,
        note: 'invoice 2026-12 is unpaid',
        ...cause,
      });
      const promisedUntil = new Date(Date.now() + 7 * 86_400_000).toISOString();
      const end = { resolution: 'payment_promised', promisedUntil } as const;
      const note = 'their bank is slow';
      const { status, suspension } = await customerSuccess.suspension.reinstate.mutate({
        tenantId,
        note,
        ...end,
      });
      sees('status', status, 'active');
      sees('promised until', suspension.promisedUntil, promisedUntil);
      return suspension;
    },
  );

  await step('the money comes: the day passes without another suspension', async (sees) => {
    const kept = { tenantId, suspensionId: promise.id, note: 'received' };
    const { promiseKeptAt } = await customerSuccess.suspension.confirmPayment.mutate(kept);
    sees('promise is kept', promiseKeptAt !== null, true);
  });
}

async function lookAtReadOnly(
  step: Step,
  { http }: Stage,
  { owner, sso, people, microsoft }: Cast,
): Promise<void> {
  await step('the owner’s session goes on, and reads only', async (sees) => {
    const me = await http.get('/api/auth/me', owner.token);
    sees('me', me.status, 200);
    sees('projects read', (await owner.client.projects.list.query()).items, []);
    const refusal = await refusalOf(owner.client.projects.create.mutate({ name: 'Winter routes' }));
    sees('writing', refusal.reason, 'TENANT_READ_ONLY');
  });

  await step('SCIM may read and deprovision, and nothing else', async (sees) => {
    const { okta, ada } = people;
    sees('read', (await okta.getUser(ada.id)).status, 200);
    sees('update', (await okta.updateUser(ada.id, { title: 'Clerk' })).status, 403);
    const { status, body } = await microsoft.entra.disableUser(microsoft.grace.id);
    sees('deactivate', [status, body.active], [200, false]);
  });

  await step('single sign-on works', async (sees) => {
    sees('ACS answers', (await signInOverSaml(sso, people.ada)).page.status, 303);
  });
}

async function lookAtBlocked(
  step: Step,
  { http, as }: Stage,
  { owner, sso, people, host, ownerEmail }: Cast & { ownerEmail: string },
): Promise<void> {
  await step('every session has ended with it', async (sees) => {
    const me = await http.get('/api/auth/me', owner.token);
    sees('owner’s request', [me.status, me.body['reason']], [403, 'TENANT_SUSPENDED']);
    sees('introspection', (await http.introspect(owner.token, host)).body, { active: false });
  });

  await step('the owner signs in anew, to see where things stand and no more', async (sees) => {
    const { accessToken } = readSession(await http.post('/api/auth/login', { email: ownerEmail, password }));
    const me = await http.get('/api/auth/me', accessToken);
    sees('me', me.body['accessMode'], 'blocked');
    sees('projects', (await refusalOf(as(accessToken).projects.list.query())).reason, 'TENANT_SUSPENDED');
    sees('introspection', (await http.introspect(accessToken, host)).body, { active: false });
  });

  await step('SCIM may still take access away; single sign-on is closed', async (sees) => {
    sees('read', (await people.okta.getUser(people.ivo.id)).status, 200);
    sees('update', (await people.okta.updateUser(people.ada.id, { title: 'Clerk' })).status, 403);
    const page = await createBrowser().open(sso.loginUrl);
    sees('sign-in', page.status, 403);
    sees('reason', factOn(page, 'Reason'), 'tenant_suspended');
  });
}
