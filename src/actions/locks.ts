import { LockMode } from '@mikro-orm/core';
import { Refusal } from '../domain/refusal.ts';
import { Tenant } from '../db/entities/tenant.ts';
import { User } from '../db/entities/user.ts';
import type { TenantScope } from '../db/scope.ts';

/** The tenant's row, locked and read anew: who changes a status decides on what is true now. */
export function lockTenant({ em, tenant }: TenantScope): Promise<Tenant> {
  return em.findOneOrFail(Tenant, tenant.id, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
}

/** A user's row, locked and read anew; `NOT_FOUND` where there is none, or it was removed. */
export async function lockUser({ em, tenant }: TenantScope, id: string): Promise<User> {
  const where = { tenantId: tenant.id, id, removedAt: null };
  const user = await em.findOne(User, where, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
  if (!user) throw new Refusal('NOT_FOUND', 'no such user');
  return user;
}
