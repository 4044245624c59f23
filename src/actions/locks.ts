import { LockMode } from '@mikro-orm/core';
import { Refusal } from '../domain/refusal.ts';
import { Tenant } from '../db/entities/tenant.ts';
import { User } from '../db/entities/user.ts';
import type { TenantScope } from '../db/scope.ts';

/**
 * The tenant's row, locked and read anew: who changes a status decides on what is true now. Others may go on writing
 * rows of the tenant meanwhile: their foreign keys need its key to stay, and no more.
 */
export async function lockTenant({ em, tenant }: TenantScope): Promise<Tenant> {
  await em.flush();
  const [row] = await em.execute<Record<string, unknown>[]>(
    `select * from tenants where id = ? for no key update`,
    [tenant.id],
  );
  if (!row) throw new Refusal('NOT_FOUND', 'no such tenant');
  return em.map(Tenant, row);
}

/**
 * The tenant's row, locked against every writer of the tenant: those under way have ended, those to come wait. For who
 * changes what writers are held to.
 */
export async function lockAgainstWriters({ em, tenant }: TenantScope): Promise<Tenant> {
  await em.flush();
  const [row] = await em.execute<Record<string, unknown>[]>(`select * from tenants where id = ? for update`, [
    tenant.id,
  ]);
  if (!row) throw new Refusal('NOT_FOUND', 'no such tenant');
  return em.map(Tenant, row);
}

/**
 * Holds the tenant's row as every new row of it does by its foreign key: for who changes or deletes rows that are
 * counted. `lockAgainstWriters` and this wait for each other.
 */
export async function lockAsWriter({ em, tenant }: TenantScope): Promise<void> {
  await em.execute(`select from tenants where id = ? for key share`, [tenant.id]);
}

/** A user's row, locked and read anew; `NOT_FOUND` where there is none, or it was removed. */
export async function lockUser({ em, tenant }: TenantScope, id: string): Promise<User> {
  const where = { tenantId: tenant.id, id, removedAt: null };
  const user = await em.findOne(User, where, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
  if (!user) throw new Refusal('NOT_FOUND', 'no such user');
  return user;
}
