import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { v7 } from 'uuid';
import { expect, test } from 'vitest';
import { createSecretBox } from '../../src/infra/secrets.ts';
import { createFileStorage } from '../../src/infra/storage.ts';
import { createTenantKeys } from '../../src/infra/tenant-keys.ts';
import { aDataDir } from './data-dirs.ts';

const wrapper = createSecretBox(randomBytes(32));

async function aWorld() {
  const storage = createFileStorage({ root: await aDataDir() });
  const keysOfAProcess = () => createTenantKeys({ storage, wrapper, cacheMs: 50 });
  return { storage, keysOfAProcess, tenantId: v7() };
}

test('all who make a tenant its key at once get the same key', async () => {
  const { keysOfAProcess, tenantId } = await aWorld();

  const boxes = await Promise.all(Array.from({ length: 8 }, () => keysOfAProcess().create(tenantId)));

  const sealed = boxes[0]?.seal('secret', 'x') ?? '';
  expect(boxes.map((box) => box.openText(sealed, 'x'))).toEqual(Array.from({ length: 8 }, () => 'secret'));
});

test('a key that was never made is null, and asking does not make it', async () => {
  const { storage, keysOfAProcess, tenantId } = await aWorld();

  expect(await keysOfAProcess().get(tenantId)).toBeNull();
  expect(await storage.get(`keys/${tenantId}`)).toBeNull();
});

test('a tenant’s key opens nothing of another tenant, nor lies unwrapped in the storage', async () => {
  const { storage, keysOfAProcess, tenantId } = await aWorld();
  const keys = keysOfAProcess();
  const box = await keys.create(tenantId);
  const other = await keys.create(v7());

  expect(() => other.open(box.seal('secret', 'x'), 'x')).toThrow();
  expect((await storage.get(`keys/${tenantId}`))?.toString()).toMatch(/^v1\./);
});

test('a stored key that was copied to another tenant is refused', async () => {
  const { storage, keysOfAProcess, tenantId } = await aWorld();
  await keysOfAProcess().create(tenantId);
  const stranger = v7();
  await storage.put(`keys/${stranger}`, (await storage.get(`keys/${tenantId}`)) ?? '');

  await expect(keysOfAProcess().get(stranger)).rejects.toThrow();
});

test('a destroyed key is gone here at once, elsewhere after the cache, and what it sealed for good', async () => {
  const { keysOfAProcess, tenantId } = await aWorld();
  const [here, elsewhere] = [keysOfAProcess(), keysOfAProcess()];
  const sealed = (await here.create(tenantId)).seal('secret', 'x');
  expect((await elsewhere.get(tenantId))?.openText(sealed, 'x')).toBe('secret');

  await here.destroy(tenantId);
  await here.destroy(tenantId);

  expect(await here.get(tenantId)).toBeNull();
  await delay(60);
  expect(await elsewhere.get(tenantId)).toBeNull();
  const next = await here.create(tenantId);
  expect(() => next.open(sealed, 'x')).toThrow();
});

test('more tenants than the cache holds are all served', async () => {
  const { storage } = await aWorld();
  const keys = createTenantKeys({ storage, wrapper, cacheSize: 2 });
  const tenantIds = [v7(), v7(), v7(), v7()];
  const sealed = await Promise.all(tenantIds.map(async (id) => (await keys.create(id)).seal(id, 'x')));

  const opened = await Promise.all(
    tenantIds.map(async (id, at) => (await keys.get(id))?.openText(sealed[at] ?? '', 'x')),
  );

  expect(opened).toEqual(tenantIds);
});

test('only the id of a tenant names a key', async () => {
  const { keysOfAProcess } = await aWorld();

  await expect(keysOfAProcess().get('../secret')).rejects.toThrow('not the id of a tenant');
});
