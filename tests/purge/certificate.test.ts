import { createPublicKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CommandFailed } from '../../src/cli/command.ts';
import { findKey } from '../../src/cli/document-key.ts';
import { checkCertificate } from '../../src/cli/verify-certificate.ts';
import { refusalOf } from '../api/answers.ts';
import { anOperator, aPerson, theOwner } from '../api/people.ts';
import { runProgram } from '../cli/program.ts';
import { aRegistration, aTenant, eventually, mailTo, openWorld } from '../support/world.ts';
import { openEyes } from './tenants.ts';

const world = await openWorld({ env: { BACKUP_RETENTION_DAYS: '12', APP_URL: 'https://app.example' } });
const { operator } = world;
const eyes = await openEyes(world.database.ownerUrl);
const program = join(import.meta.dirname, '../../src/cli/main.ts');

const tenant = await aTenant(world, { plan: 'free', sandbox: true });
const { id: tenantId } = tenant;
const owner = await theOwner(world, tenant);
const second = await aPerson(world, tenantId, 'owner');
const get = () => operator.offboarding.get.query({ tenantId });
const advance = (by: string) => operator.tenants.advanceClock.mutate({ tenantId, by });

await operator.offboarding.schedule.mutate({ tenantId, trigger: 'customer_request', note: 'the end' });
await advance('P30D');
await eventually(async () => (await get()).phase === 'executed', 'the end');
const tooEarly = await refusalOf(operator.offboarding.certificate.query({ tenantId }));
const key = await world.ports.tenantKeys.get(tenantId);
await advance('P30D');
await eventually(async () => (await get()).phase === 'purged', 'the purge');

const certificate = await operator.offboarding.certificate.query({ tenantId });
const linkIn = async (address: string) => {
  const mail = await mailTo(world, address, /Certificate of deletion/);
  return /\/certificates\/[\w-]+/.exec(mail.text ?? '')?.[0] ?? '';
};

/** Runs the check on what a file says, with the published key unless said otherwise. */
async function check(text: string, words: readonly string[] = ['--url', world.url]) {
  const file = join(world.dataDir, `certificate-${crypto.randomUUID()}.json`);
  await writeFile(file, text);
  return runProgram([process.execPath, program, 'verify-certificate', file, ...words]);
}

test('there is no certificate before the purge, and it and where the tenant stands are told after it', async () => {
  const stands = await get();

  expect(tooEarly.reason).toBe('NOT_FOUND');
  expect(key).not.toBeNull();
  expect(existsSync(join(world.dataDir, 'storage/keys', tenantId))).toBe(false);
  expect(stands).toMatchObject({ phase: 'purged', tenantId, trigger: 'customer_request' });
  expect(certificate).toMatchObject({
    tenantId,
    order: { trigger: 'customer_request', requestedBy: { kind: 'operator' }, claimedBy: { kind: 'system' } },
    rows: { tenants: 1, users: 2, memberships: 2, people: 2 },
    countedAgain: { rows: {}, files: 0, jobs: 0, mails: 0 },
    auditCheckpoint: { checkpoint: null, statement: expect.stringMatching(/not sealed/) },
    closing: expect.arrayContaining([expect.objectContaining({ task: 'closing_billing', state: 'open' })]),
  });
  const days =
    (Date.parse(certificate.backups.mayHoldUntil) - Date.parse(certificate.completedAt)) / 86_400_000;
  expect(days).toBe(12);
  expect(certificate.keyDestroyedAt < certificate.completedAt).toBe(true);
  expect(certificate.retained.map(({ table }) => table)).toContain('taken_slugs');
});

test('operators of every role may see it, and a tenant’s own person none', async () => {
  const reader = await anOperator(world, 'read_only');
  const stranger = await aRegistration(world);

  expect(await reader.client.offboarding.certificate.query({ tenantId })).toEqual(certificate);
  const asked = world.as(stranger.accessToken).offboarding.certificate.query({ tenantId });
  expect((await refusalOf(asked)).reason).toBe('PERMISSION_DENIED');
  const get = world.as(stranger.accessToken).offboarding.get.query({ tenantId });
  expect((await refusalOf(get)).reason).toBe('NOT_FOUND');
});

test('each of the last owners is mailed a link of their own to a page and to the signed file', async () => {
  const links = await Promise.all([linkIn(owner.email), linkIn(second.email)]);

  expect(new Set(links).size).toBe(2);
  for (const link of links) {
    const page = await world.send(link);
    const file = await world.send(`${link}.json`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const words of [tenantId, certificate.completedAt, certificate.signature.value, 'Rows of users'])
      expect(page.text).toContain(words);
    expect(page.text).toContain('@media print');
    expect(page.text).toContain(`href="${link.split('/').at(-1)}.json"`);
    expect(file.body).toEqual(certificate);
    expect(file.headers.get('content-disposition')).toContain(`deletion-${tenantId}.json`);
  }
});

test('no other link opens it: neither one that was guessed nor one that is of no use', async () => {
  const guessed = world.ports.tokens.create('dc', tenantId);

  for (const token of [guessed, tenantId, 'x', `${guessed}x`]) {
    const answers = [
      await world.send(`/certificates/${token}`),
      await world.send(`/certificates/${token}.json`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(answers.some(({ text }) => text.includes(certificate.signature.value))).toBe(false);
  }
});

test('the addresses of the last owners are forgotten once they were told', async () => {
  await Promise.all([linkIn(owner.email), linkIn(second.email)]);
  const sealed = () =>
    eyes<{ sealed: string | null }>(`select recipients_sealed as sealed from tombstones where id = $1`, [
      tenantId,
    ]);

  await eventually(async () => (await sealed())[0]?.sealed === null, 'the forgetting');

  const told = await eyes<{ row: string }>(
    `select n::text as row from notifications n where mail = 'purge_certificate'`,
  );
  expect(told).toHaveLength(2);
  expect(told.filter(({ row }) => row.includes('@') || row.includes(tenant.slug))).toEqual([]);
});

test('the check passes with the published key and, offline, with a PEM file; in whatever layout it was saved', async () => {
  const answer = await fetch(`${world.url}/.well-known/document-keys.json`);
  const published: { keys: { kty: string; crv: string; x: string }[] } = await answer.json();
  const pem = join(world.dataDir, 'key.pem');
  const jwk = published.keys[0] ?? { kty: '', crv: '', x: '' };
  await writeFile(
    pem,
    createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' }),
  );
  const jwks = join(world.dataDir, 'keys.json');
  await writeFile(jwks, JSON.stringify(published));
  const { text } = await world.send(`${await linkIn(owner.email)}.json`);

  const runs = [
    await check(text),
    await check(text, ['--key', pem]),
    await check(`${JSON.stringify(certificate, null, 2)}\n`, ['--key', jwks]),
  ];

  expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ]);
  expect(runs[0]?.stdout).toMatch(/^valid: /);
  expect(runs[0]?.stdout).toContain(certificate.completedAt);
});

test('a certificate of another key, a file that is none, and a wrong call are told apart', async () => {
  const text = JSON.stringify(certificate);
  const other = await world.ports.keyPairs.create();
  const jwk = join(world.dataDir, 'other.json');
  await writeFile(jwk, JSON.stringify(other.publicJwk));

  const runs = [
    await check(text, ['--key', jwk]),
    await check('{"type":"tenantry.deletion-certificate"}'),
    await check('nonsense'),
    await check(text, ['--url', 'http://127.0.0.1:1']),
    await check(text, ['--key', '/nowhere']),
    await check(text, ['--colour']),
  ];

  expect(runs.map(({ code }) => code)).toEqual([1, 1, 1, 1, 2, 2]);
  expect(runs[0]?.stderr).toMatch(
    /^not valid: it was signed with the key \S+, which is not among those given\n$/,
  );
});

test('with any one byte changed it is not valid', async () => {
  const published = await (await fetch(`${world.url}/.well-known/document-keys.json`)).text();
  const good = Buffer.from(JSON.stringify(certificate, null, 2));
  const check = (bytes: Buffer) =>
    checkCertificate(bytes.toString('utf8'), (keyId) => findKey(published, keyId));
  await expect(check(good)).resolves.toMatch(/^valid/);

  const passed: number[] = [];
  for (let at = 0; at < good.length; at += 1) {
    const changed = Buffer.from(good);
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 7));
    await check(changed).then(
      () => passed.push(at),
      (error: unknown) => {
        if (!(error instanceof CommandFailed)) throw error;
      },
    );
  }

  expect(good.length).toBeGreaterThan(2000);
  expect(passed).toEqual([]);
});

test('the slug of a tenant that was purged is never given again', async () => {
  const again = { name: 'Again', slug: tenant.slug, plan: 'free', adminEmail: 'again@mail.example' } as const;

  expect((await refusalOf(operator.tenants.create.mutate(again))).reason).toBe('CONFLICT');
});

test('the audit trail of the product says that it was certified, and nothing personal', async () => {
  const events = await eyes<{ details: object; personal: object; target_id: string }>(
    `select details, personal, target_id from audit_events where action = 'purge.certified'`,
  );

  expect(events).toEqual([
    { details: { keyId: certificate.signature.keyId }, personal: {}, target_id: tenantId },
  ]);
});
