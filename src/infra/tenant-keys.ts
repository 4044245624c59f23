import { randomBytes } from 'node:crypto';
import { validate } from 'uuid';
import type { SecretBox, TenantKeys } from '../domain/ports.ts';
import { createSecretBox } from './secrets.ts';
import type { Storage } from './storage.ts';

export type TenantKeysOptions = {
  storage: Storage;
  /** The box of SECRET_KEY, which wraps the tenants' keys. */
  wrapper: SecretBox;
  /** How long a key is remembered: at most, and by default, five seconds. */
  cacheMs?: number;
  /** How many keys are remembered. */
  cacheSize?: number;
};

/**
 * Tenant keys as objects `keys/<tenantId>` of the storage, each sealed for its own tenant: kept outside the database,
 * so that destroying one makes what it sealed unreadable in every backup. However many processes make a tenant's key
 * at once, all get the same one; when it is destroyed, others forget it within the time of their cache.
 */
export function createTenantKeys(options: TenantKeysOptions): TenantKeys {
  const { storage, wrapper, cacheSize = 1000 } = options;
  const memory = createMemory(cacheSize, Math.min(options.cacheMs ?? 5000, 5000));

  async function readKey(tenantId: string): Promise<SecretBox | null> {
    const sealed = await storage.get(keyPath(tenantId));
    return sealed && createSecretBox(wrapper.open(sealed.toString('utf8'), keyContext(tenantId)));
  }

  const get = (tenantId: string) => memory.recall(tenantId, () => readKey(tenantId));

  return {
    get,
    async create(tenantId) {
      await storage.create(keyPath(tenantId), wrapper.seal(randomBytes(32), keyContext(tenantId)));
      memory.forget(tenantId);
      const box = await get(tenantId);
      if (!box) throw new Error(`the key of tenant ${tenantId} was destroyed while it was made`);
      return box;
    },
    async destroy(tenantId) {
      await storage.delete(keyPath(tenantId));
      memory.forget(tenantId);
    },
  };
}

type Reading = { box: Promise<SecretBox | null>; startedAt: number };

/** Remembers readings by their start, so that one begun before a destruction is forgotten with it. */
function createMemory(size: number, lifetimeMs: number) {
  const readings = new Map<string, Reading>();

  function remember(tenantId: string, reading: Reading): void {
    readings.delete(tenantId);
    readings.set(tenantId, reading);
    const [oldest] = readings.keys();
    if (readings.size > size && oldest !== undefined) readings.delete(oldest);
  }

  return {
    forget: (tenantId: string) => readings.delete(tenantId),
    async recall(tenantId: string, read: () => Promise<SecretBox | null>): Promise<SecretBox | null> {
      const known = readings.get(tenantId);
      if (known && performance.now() - known.startedAt < lifetimeMs) return known.box;
      const reading = { box: read(), startedAt: performance.now() };
      remember(tenantId, reading);
      const box = await reading.box.catch(() => null);
      // A failure may pass, and what is missing may be made at any moment by any process.
      if (!box && readings.get(tenantId) === reading) readings.delete(tenantId);
      return reading.box;
    },
  };
}

/** Under which key of the storage a tenant's key is kept. */
export function keyPath(tenantId: string): string {
  if (!validate(tenantId)) throw new Error('not the id of a tenant');
  return `keys/${tenantId.toLowerCase()}`;
}

function keyContext(tenantId: string): string {
  return `tenant-key:${tenantId.toLowerCase()}`;
}
