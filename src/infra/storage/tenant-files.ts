import { validate } from 'uuid';
import type { TenantFiles } from '../../domain/ports.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Storage } from '../storage.ts';
import { keyPath } from '../tenant-keys.ts';

/**
 * A tenant's files under `tenants/<id>/` of the storage. A tenant whose key is destroyed stores nothing any more:
 * what was on its way at that moment takes itself back.
 */
export function createTenantFiles({ storage }: { storage: Storage }): TenantFiles {
  async function requireKey(tenantId: string): Promise<void> {
    if (await storage.get(keyPath(tenantId))) return;
    throw new Refusal('TENANT_OFFBOARDED', `tenant ${tenantId} stores nothing any more`);
  }

  return {
    async put(tenantId, name, body) {
      const path = `${prefixOf(tenantId)}${name}`;
      await requireKey(tenantId);
      const bytes = await storage.put(path, body);
      try {
        await requireKey(tenantId);
      } catch (error) {
        await storage.delete(path);
        throw error;
      }
      return bytes;
    },
    async read(tenantId, name, range) {
      return (await storage.read(`${prefixOf(tenantId)}${name}`, range))?.stream ?? null;
    },
    size: (tenantId, name) => storage.size(`${prefixOf(tenantId)}${name}`),
    delete: (tenantId, name) => storage.delete(`${prefixOf(tenantId)}${name}`),
    async *list(tenantId, folder) {
      const prefix = prefixOf(tenantId);
      for await (const { key, bytes, storedAt } of storage.list(`${prefix}${folder}`)) {
        yield { name: key.slice(prefix.length), bytes, storedAt };
      }
    },
    async measure(tenantId) {
      const found = { files: 0, bytes: 0 };
      for await (const { bytes } of storage.list(prefixOf(tenantId))) {
        found.files += 1;
        found.bytes += bytes;
      }
      return found;
    },
    async deleteAll(tenantId) {
      for await (const { key } of storage.list(prefixOf(tenantId))) await storage.delete(key);
    },
    tidy: (before) => storage.tidy(before),
  };
}

function prefixOf(tenantId: string): string {
  if (!validate(tenantId)) throw new Error('not the id of a tenant');
  return `tenants/${tenantId.toLowerCase()}/`;
}
