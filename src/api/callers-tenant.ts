import { Refusal } from '../domain/refusal.ts';
import type { Database, Entry, TenantScope } from '../db/scope.ts';
import type { Caller } from './caller.ts';

type Asked = { db: Database; entry: Omit<Entry, 'actor'>; caller: Caller; tenantId: string | undefined };

/** Opens the tenant that an operator names, or that a tenant's own person is in. */
export function openCallersTenant<T>(
  { db, entry, caller, tenantId }: Asked,
  work: (scope: TenantScope) => Promise<T>,
): Promise<T> {
  if (caller.kind === 'operator') {
    if (!tenantId) throw new Refusal('INVALID_INPUT', 'tenantId: name the tenant');
    return db.inTenant({ ...entry, actor: caller.actor, tenantId }, work);
  }
  return db.inSession({ ...entry, ...caller }, (scope) => {
    if (tenantId && tenantId !== caller.tenantId) throw new Refusal('NOT_FOUND', 'no such tenant');
    return work(scope);
  });
}
