import type { TenantryClient } from '../../../src/cli/client.ts';
import { readSession } from '../json-client.ts';
import { linkIn } from '../mailbox.ts';
import { password, type Stage, type StoryTenant } from '../stage.ts';

export type Owner = { client: TenantryClient; token: string };

/** The invited owner arrives and configures the tenant. */
export async function welcomeOwner(stage: Stage, tenant: StoryTenant): Promise<Owner> {
  const { http, mailbox, appUrl, as, chapter } = stage;
  const { id: tenantId, ownerEmail, name } = tenant;
  const step = chapter('The invited owner arrives');

  const link = await step('the invitation is a mail with a link to the application', async (sees) => {
    const mail = await mailbox.await(ownerEmail, /invited/);
    sees('subject', mail.subject, `You are invited to ${name}`);
    const { url, token } = linkIn(mail);
    sees('leads to', new URL(url).origin, appUrl);
    return token;
  });

  await step('accepting it with a weak password is refused, and uses nothing up', async (sees) => {
    const weak = await http.post('/api/auth/accept-invitation', { token: link, password: 'password1' });
    sees('status', weak.status, 400);
    sees('reason', weak.body['reason'], 'INVALID_INPUT');
  });

  await step('accepting it makes the owner, once', async (sees) => {
    const first = await http.post('/api/auth/accept-invitation', { token: link, password });
    sees('status', first.status, 201);
    sees('role', readSession(first).user.role, 'owner');
    const second = await http.post('/api/auth/accept-invitation', { token: link, password });
    sees('again', second.status, 401);
  });

  const { accessToken: token } = await step('the owner signs in with the password', async (sees) => {
    const answer = await http.post('/api/auth/login', { email: ownerEmail, password });
    sees('status', answer.status, 200);
    const me = await http.get('/api/auth/me', readSession(answer).accessToken);
    sees('tenant is', me.body['status'], 'onboarding');
    return readSession(answer);
  });

  const client = as(token);
  await step('the owner configures settings, and the system ticks what it has seen', async (sees) => {
    const settings = { timeZone: 'Europe/Rome', contacts: { security: 'security@kestrel.example' } };
    const updated = await client.tenants.update.mutate({ settings });
    sees('time zone', updated.settings.timeZone, 'Europe/Rome');
    const { steps } = await client.onboarding.get.query({ tenantId });
    const stateOf = (wanted: string) => steps.find((each) => each.step === wanted)?.state;
    sees('settings_configured', stateOf('settings_configured'), 'done');
    sees('admin_can_sign_in', stateOf('admin_can_sign_in'), 'done');
  });

  return { client, token };
}
