import type { HttpRequest } from '../load/job.ts';
import type { Tenant } from '../tenant.ts';
import { prepareSignIns } from './saml-sign-ins.ts';
import type { Work } from './work.ts';

/** A host application's server asks whether a person's token is good, as it does on every request of its own. */
export function introspection(url: string, tenant: Tenant): Work {
  const { clientId, secret } = tenant.serviceClient;
  const basic = Buffer.from(`${clientId}:${secret}`).toString('base64');
  const session = { id: '', accessToken: '' };
  return {
    name: 'introspect',
    status: 200,
    once: false,
    // An access token is good for five minutes only: each cell has one of its own.
    async requests(): Promise<HttpRequest[]> {
      Object.assign(session, await signIn(url, tenant));
      const body = new URLSearchParams({ token: session.accessToken }).toString();
      const headers = {
        authorization: `Basic ${basic}`,
        'content-type': 'application/x-www-form-urlencoded',
      };
      return [{ method: 'POST', path: '/api/auth/introspect', headers, body }];
    },
    lookUp: {
      statement: 'select scopes, secret_hash, revoked_at from service_clients where id = $1',
      values: [clientId],
    },
    statements: [
      `select t.*, s.user_id, s.ended_at, s.expires_at, u.role, u.active, u.email_verified_at
       from tenants t
       left join sessions s on s.tenant_id = t.id and s.id = $2
       left join users u on u.tenant_id = s.tenant_id and u.id = s.user_id
       where t.id = $1`,
    ],
    runs: () => [[[tenant.id, session.id]]],
  };
}

/** A session of one of the tenant's people, and its token, which is good for five minutes. */
export async function signIn(url: string, tenant: Tenant): Promise<{ id: string; accessToken: string }> {
  const [prepared] = await prepareSignIns(tenant, 1);
  if (!prepared) throw new Error('no sign-in was prepared');
  const { path, headers, body } = prepared;
  const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body, redirect: 'manual' });
  const code = new URL(answer.headers.get('location') ?? '', url).searchParams.get('code');
  const exchanged = await fetch(`${url}/api/auth/exchange`, {
    method: 'POST',
    body: JSON.stringify({ code }),
  });
  const { accessToken } = (await exchanged.json()) as { accessToken: string };
  const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as {
    sid: string;
  };
  return { id: claims.sid, accessToken };
}
