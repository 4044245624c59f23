import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { rmSync } from 'node:fs';
rmSync('/tmp/adhoc', { recursive: true, force: true });
const profArgs = process.env['PROF'] ? ['--cpu-prof', '--cpu-prof-dir=/tmp/prof'] : [];
const child = spawn('node', [...profArgs, 'src/main.ts'], { env: { ...process.env, PORT: '3222', DATA_DIR: '/tmp/adhoc', BOOTSTRAP_OPERATOR_TOKEN: 'boot-token', LOG_LEVEL: 'warn' }, stdio: 'inherit' });
const base = 'http://127.0.0.1:3222';
for (;;) { try { if ((await fetch(base + '/readyz')).ok) break; } catch {} await new Promise(r => setTimeout(r, 200)); }
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
function req(method: string, path: string, token: string, body?: unknown, ct = 'application/json'): Promise<{ status: number; body: any }> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const r = http.request(base + path, { method, agent, headers: { authorization: `Bearer ${token}`, ...(payload ? { 'content-type': ct, 'content-length': Buffer.byteLength(payload) } : {}) } }, (res) => {
      let t = ''; res.setEncoding('utf8'); res.on('data', (d) => (t += d)); res.on('end', () => resolve({ status: res.statusCode!, body: t ? JSON.parse(t) : null }));
    });
    r.on('error', reject); r.end(payload);
  });
}
const op = 'boot-token';
const t = await req('POST', '/trpc/tenants.create', op, { name: 'x', slug: 'bench', plan: 'enterprise', adminEmail: 'a@b.example' });
const tenantId = t.body.result.data.id;
const k = await req('POST', '/trpc/connections.scim.createToken', op, { tenantId, label: 'x' });
const token = k.body.result.data.token;
const sc = (await req('POST', '/trpc/serviceClients.create', op, { name: 'x', scopes: ['introspect'] })).body.result.data.secret;
const reg = (await req('POST', '/api/auth/register', op, { email: 'a@c.example', password: 'seven purple herons drift', name: 'A', tenantName: 'B' })).body;
let n = 0; const ids: string[] = [];
const work: Record<string, () => Promise<{ status: number; body: any }>> = {
  create: async () => { const i = n++; const r = await req('POST', '/scim/v2/bench/Users', token, { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: `u${i}@x.example`, externalId: `e${i}`, active: true, name: { familyName: 'F', givenName: 'G' }, emails: [{ value: `u${i}@x.example`, type: 'work', primary: true }] }, 'application/scim+json'); if (r.body?.id) ids.push(r.body.id); return r; },
  lookup: () => req('GET', `/scim/v2/bench/Users?filter=${encodeURIComponent(`userName eq "u${Math.floor(Math.random() * n)}@x.example"`)}`, token),
  patch: () => req('PATCH', `/scim/v2/bench/Users/${ids[Math.floor(Math.random() * ids.length)]}`, token, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [{ op: 'Replace', path: 'active', value: Math.random() < 0.5 ? 'False' : 'True' }] }),
  introspect: () => req('POST', '/api/auth/introspect', sc, `token=${reg.accessToken}`, 'application/x-www-form-urlencoded'),
  health: () => req('GET', '/healthz', token),
  me: () => req('GET', '/api/auth/me', reg.accessToken),
};
for (const name of (process.env['ONLY'] ?? 'create,lookup,patch,introspect,me,health').split(',')) for (const c of [8]) {
  const end = performance.now() + Number(process.env["MS"] ?? 2500); let done = 0, bad = 0; const lat: number[] = [];
  await Promise.all(Array.from({ length: c }, async () => { while (performance.now() < end) { const s = performance.now(); const r = await work[name]!(); lat.push(performance.now() - s); done++; if (r.status >= 300) { bad++; if (bad < 2) console.log(r.status, r.body); } } }));
  lat.sort((a, b) => a - b);
  console.log(name, c, Math.round(done / 2.5), '/s p50', lat[lat.length >> 1]!.toFixed(2), 'p99', lat[Math.floor(lat.length * 0.99)]!.toFixed(2), bad ? `BAD ${bad}` : '');
}
child.kill('SIGTERM');
await new Promise((r) => child.once('exit', r));
process.exit(0);
