import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { readSession } from '../../json-client.ts';
import { password, type Stage } from '../../stage.ts';
import type { Step } from '../../script.ts';

const plan = randomBytes(1_000_000);
const hash = createHash('sha256').update(plan).digest('hex');

type Project = { send: Sender; open: Opener };
type Sending = { body?: Uint8Array<ArrayBuffer> | string; headers?: Record<string, string> };
type Sender = (method: string, name: string, sending?: Sending) => Promise<Response>;
type Opener = (name: string, bytes: number) => ClientRequest;

/** A project's files: streamed in and out, counted to the byte, and nothing left of what breaks off. */
export async function keepFiles(stage: Stage): Promise<void> {
  const step = stage.chapter('A project has files');
  const { project, names } = await aProject(stage);
  await storeAndRead(step, project);

  await step('an upload that breaks off half-way leaves nothing', async (sees) => {
    const broken = project.open('broken.bin', 1_000_000);
    broken.on('error', () => undefined).write(plan.subarray(0, 500_000));
    await once(broken, 'socket');
    broken.destroy();
    sees('files', await names(), ['plan.bin']);
  });

  await step('what the free plan has no room for is refused before a byte of it is sent', async (sees) => {
    const tooMuch = project.open('archive.zip', 100_000_001);
    tooMuch.flushHeaders();
    const [answer] = await once(tooMuch, 'response');
    sees('status', answer.statusCode, 403);
    const said: unknown = JSON.parse(String((await once(answer, 'data'))[0]));
    tooMuch.destroy();
    const { reason, allowed, used, requiredPlan } = said as Record<string, unknown>;
    sees('reason', reason, 'PLAN_LIMIT_REACHED');
    sees('allowed, used', [allowed, used], [100_000_000, 1_000_000]);
    sees('would do', requiredPlan, 'starter');
  });

  await step('a removed file is gone, and its place is free at once', async (sees) => {
    sees('status', (await project.send('DELETE', 'plan.bin')).status, 204);
    sees('read', (await project.send('GET', 'plan.bin')).status, 404);
    sees('files', await names(), []);
  });
}

async function storeAndRead(step: Step, { send }: Project): Promise<void> {
  const etag = await step('a file is stored, with its hash looked at', async (sees) => {
    const digest = `sha-256=:${Buffer.from(hash, 'hex').toString('base64')}:`;
    const headers = { 'content-type': 'image/svg+xml', 'content-digest': digest };
    const answer = await send('PUT', 'plan.bin', { body: plan, headers });
    sees('status', answer.status, 201);
    sees('hash', ((await answer.json()) as Record<string, unknown>)['sha256'], hash);
    return answer.headers.get('etag') ?? '';
  });

  await step('it is read from where a reader stopped, and saved rather than shown', async (sees) => {
    const answer = await send('GET', 'plan.bin', { headers: { range: 'bytes=900000-', 'if-range': etag } });
    sees('status', answer.status, 206);
    const rest = Buffer.from(await answer.arrayBuffer());
    sees('the rest', rest.equals(plan.subarray(900_000)), true);
    sees('saved', answer.headers.get('content-disposition'), /^attachment/);
    sees('sandboxed', answer.headers.get('content-security-policy'), /^sandbox/);
  });

  await step('who would overwrite a version that it has not seen is stopped', async (sees) => {
    const headers = { 'if-match': '"an older one"' };
    sees('status', (await send('PUT', 'plan.bin', { body: 'x', headers })).status, 412);
  });
}

async function aProject({ url, http, as }: Stage) {
  const person = { email: 'fay@fjord.example', name: 'Fay Fjord', tenantName: 'Fjord', password };
  const { accessToken: token } = readSession(await http.post('/api/auth/register', person));
  const client = as(token);
  const { id: projectId } = await client.projects.create.mutate({ name: 'Harbour' });
  const authorization = `Bearer ${token}`;
  const urlOf = (name: string) => `${url}/api/projects/${projectId}/files/${name}`;
  const project: Project = {
    send: (method, name, { body, headers } = {}) => {
      const sent = { ...headers, authorization };
      return fetch(urlOf(name), { method, headers: sent, ...(body === undefined ? {} : { body }) });
    },
    open: (name, bytes) =>
      request(urlOf(name), { method: 'PUT', headers: { authorization, 'content-length': bytes } }),
  };
  const names = async () => (await client.projects.files.query({ projectId })).items.map(({ name }) => name);
  return { project, names };
}
