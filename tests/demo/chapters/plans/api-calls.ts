import { readSession } from '../../json-client.ts';
import { password, type Stage } from '../../stage.ts';

/** A free tenant's hundred calls in 15 minutes, and not one more. */
export async function countCalls({ chapter, http, url, engineering }: Stage): Promise<void> {
  const step = chapter('Calls are counted');
  const body = { email: 'carl@mail.example', password, name: 'Carl Count', tenantName: 'Counting House' };
  const { accessToken, tenant } = readSession(await http.post('/api/auth/register', body));
  const { secret } = await engineering.serviceClients.create.mutate({ name: 'the counting host' });
  const consume = (calls: number) =>
    fetch(`${url}/api/auth/introspect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}` },
      body: new URLSearchParams({ token: accessToken, consume: String(calls) }),
    });

  await step('the host application counts ninety-nine of its own, all or none', async (sees) => {
    sees('too many', (await consume(101)).status, 429);
    sees('ninety-nine', (await consume(99)).status, 200);
  });

  await step('the hundredth gets through, the next is told when to come again', async (sees) => {
    sees('the hundredth', (await http.get('/api/auth/me', accessToken)).status, 200);
    const refused = await http.get('/api/auth/me', accessToken);
    sees('the next', [refused.status, refused.body['reason']], [429, 'RATE_LIMITED']);
    const { headers } = await consume(1);
    sees('policy', headers.get('ratelimit-policy'), '"people";q=100;w=900');
    sees('come again within 15 minutes', Number(headers.get('retry-after')) <= 900, true);
  });

  await step('an operator sees what is used', async (sees) => {
    const { usage } = await engineering.plans.current.query({ tenantId: tenant.id });
    sees('calls', usage.apiCalls, 100);
  });
}
