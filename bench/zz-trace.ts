import { appendFileSync, writeFileSync, readFileSync } from 'node:fs';
import { makeBed } from './bed.ts';
import { seedTenant } from './tenant.ts';
import { introspection } from './work/introspection.ts';
import { samlAcs } from './work/saml-acs.ts';
import { scimCreate } from './work/scim-create.ts';
import { scimLookup } from './work/scim-lookup.ts';
import { scimPatch } from './work/scim-patch.ts';
await using stack = new AsyncDisposableStack();
const bed = await makeBed(stack, '');
const tenant = await seedTenant(bed);
for (const work of [scimLookup(tenant), scimPatch(tenant), introspection(bed.url, tenant), samlAcs(bed, tenant), scimCreate(tenant)]) {
  const requests = (await work.requests({ index: 0, concurrency: 1, seconds: 0.3 })).slice(0, 60);
  if (requests.length === 1) while (requests.length < 60) requests.push(requests[0]!);
  let ms = 0;
  for (const [i, r] of requests.entries()) {
    if (i === requests.length - 1) writeFileSync('/tmp/prof/sql.log', '');
    const t = performance.now();
    const a = await fetch(`${bed.url}${r.path}`, { method: r.method, headers: r.headers, body: r.body, redirect: 'manual' });
    await a.text(); ms = performance.now() - t;
  }
  await new Promise((r) => setTimeout(r, 100));
  console.log(`\n=== ${work.name}: ${ms.toFixed(1)} ms`);
  const lines = readFileSync('/tmp/prof/sql.log', 'utf8').trim().split('\n').map((l) => JSON.parse(l)).sort((a, b) => a[0] - b[0]);
  const t0 = lines[0]?.[0];
  for (const [at, took, text] of lines) console.log(`${(at - t0).toFixed(1).padStart(7)} ${took.toFixed(1).padStart(6)}  ${text}`);
}
