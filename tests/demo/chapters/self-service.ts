import { readSession } from '../json-client.ts';
import { linkIn } from '../mailbox.ts';
import { password, type Stage } from '../stage.ts';

const email = 'ruth@mail.example';

/** Somebody registers without anybody's help, on a trial. */
export async function registerByOneself({ chapter, http, mailbox }: Stage): Promise<void> {
  const step = chapter('Ruth registers by herself');

  await step('she registers on the professional plan: a trial begins, and she is signed in', async (sees) => {
    const body = { email, password, name: 'Ruth Okafor', tenantName: 'Okafor Bakes', plan: 'professional' };
    const answer = await http.post('/api/auth/register', body);
    sees('status', answer.status, 201);
    const { tenant } = readSession(answer);
    sees('tenant', tenant.status, 'trial');
    const days = (Date.parse(tenant.trialEndsAt ?? '') - Date.now()) / 86_400_000;
    sees('days left', Math.round(days), 14);
  });

  await step('the mailed link confirms her address, once', async (sees) => {
    const mail = await mailbox.await(email, /Confirm/);
    const { token } = linkIn(mail);
    sees('first', (await http.post('/api/auth/verify-email', { token })).status, 200);
    sees('again', (await http.post('/api/auth/verify-email', { token })).status, 401);
    sees('then', (await mailbox.await(email, /Welcome/)).subject, 'Welcome to Okafor Bakes');
  });

  await step('a known address is answered like any other', async (sees) => {
    const body = { email, password, name: 'Somebody', tenantName: 'Another' };
    sees('status', (await http.post('/api/auth/register', body)).status, 201);
  });
}
