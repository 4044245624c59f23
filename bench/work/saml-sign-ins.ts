import type { HttpRequest } from '../load/job.ts';
import type { Tenant } from '../tenant.ts';

const atOnce = 8;

/**
 * Sign-ins that only have to be posted: each was begun at the service, which knows its request and its browser, and
 * answered by the identity provider with a signed response.
 */
export async function prepareSignIns(tenant: Tenant, count: number): Promise<HttpRequest[]> {
  const prepared: HttpRequest[] = [];
  const lane = async () => {
    while (prepared.length < count) {
      const index = prepared.length;
      const slot: HttpRequest = { method: 'POST', path: '', headers: {}, body: null };
      prepared.push(slot);
      Object.assign(slot, await prepareSignIn(tenant, index));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return prepared;
}

async function prepareSignIn(
  { connection, idp, signers }: Tenant,
  index: number,
): Promise<Partial<HttpRequest>> {
  const begun = await fetch(connection.loginUrl, { redirect: 'manual' });
  const location = begun.headers.get('location');
  if (location === null) throw new Error(`a sign-in was not begun: ${await begun.text()}`);
  const cookie = begun.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
  const userName = signers[index % signers.length]?.userName ?? '';
  const { form } = idp.respond(location, { nameId: userName, email: userName });
  return {
    path: new URL(connection.acsUrl).pathname,
    headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  };
}
