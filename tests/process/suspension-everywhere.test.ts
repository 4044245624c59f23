import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { expect, test } from 'vitest';
import { aDataDir } from '../infra/data-dirs.ts';
import { strongPassword } from '../support/world.ts';
import { send } from '../support/http.ts';
import { aDatabase, on } from './database.ts';
import { type Serving, serve } from './process.ts';

const lanes = 32;
const wanted = 10_000;

type Question = { method: 'GET' | 'POST'; path: string; headers: Record<string, string>; body?: string };
type Answer = { status: number; text: string };

/** One request on a kept connection: what a test asks by the thousand has to cost little here. */
function ask(url: string, agent: Agent, { method, path, headers, body }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Whether an answer gave a session of the blocked tenant anything. */
function isLet({ status, text }: Answer): boolean {
  return status < 400 && text !== '{"active":false}';
}

/** Asks both processes by turns, on many lanes at once, until `until` says so; tells when each began and what it got. */
async function hammer(places: readonly Serving[], questions: readonly Question[], until: () => boolean) {
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const asked: { startedAt: number; let: boolean }[] = [];
  let next = 0;
  const lane = async () => {
    while (!until()) {
      const turn = next++;
      const place = places[turn % places.length];
      const question = questions[Math.floor(turn / places.length) % questions.length];
      if (!place || !question) throw new Error('there is nobody or nothing to ask');
      const startedAt = performance.now();
      asked.push({ startedAt, let: isLet(await ask(place.url, agent, question)) });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  agent.destroy();
  return asked;
}

test(
  'of 10,000 requests at two processes that start after a suspension returned not one is let through',
  { timeout: 90_000 },
  async () => {
    const shared = {
      ...on(await aDatabase()),
      PUBLIC_URL: 'http://tenantry.example',
      SECRET_KEY: randomBytes(32).toString('base64'),
      BOOTSTRAP_OPERATOR_TOKEN: 'operator-of-the-test',
      DATA_DIR: await aDataDir(),
    };
    const [first, second] = await Promise.all([serve(shared), serve({ ...shared, ROLE: 'web' })]);
    const { secret } = await first.client.serviceClients.create.mutate({ name: 'host' });
    const person = { email: 'ruth@mail.example', password: strongPassword, name: 'Ruth', tenantName: 'Ruth' };
    const { accessToken, tenant } = (await send(first.url, '/api/auth/register', { body: person })).body;
    const authorization = `Bearer ${accessToken}`;
    const introspection: Question = {
      method: 'POST',
      path: '/api/auth/introspect',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ token: accessToken }),
    };
    // A host application asks for each of its own requests, so most of what a service hears is introspection.
    const questions: Question[] = [
      { method: 'GET', path: '/trpc/projects.list', headers: { authorization } },
      { method: 'GET', path: '/api/auth/me', headers: { authorization } },
      ...Array.from({ length: 6 }, () => introspection),
    ];
    let returnedAt = Infinity;
    let after = 0;
    const isOver = () => performance.now() > returnedAt && ++after > wanted;

    const hammering = hammer([first, second], questions, isOver);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await second.client.suspension.suspend.mutate({
      tenantId: tenant.id,
      trigger: 'security_incident',
      mode: 'blocked',
      note: 'keys leaked',
    });
    returnedAt = performance.now();
    const asked = await hammering;

    const before = asked.filter(({ startedAt }) => startedAt < returnedAt);
    const afterwards = asked.filter(({ startedAt }) => startedAt > returnedAt);
    expect(before.some((each) => each.let)).toBe(true);
    expect(afterwards.length).toBeGreaterThanOrEqual(wanted);
    expect(afterwards.filter((each) => each.let)).toEqual([]);
  },
);
