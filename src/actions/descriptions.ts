import { accessMode } from '../domain/access.ts';
import type { TenantRole } from '../domain/actors.ts';
import type { Tenant } from '../db/entities/tenant.ts';
import type { User } from '../db/entities/user.ts';

/** A tenant as callers see it. */
export function describeTenant(tenant: Tenant) {
  return {
    id: tenant.id,
    name: tenant.name,
    slug: tenant.slug,
    plan: tenant.plan,
    status: tenant.status,
    accessMode: accessMode(tenant),
    suspensionMode: tenant.suspensionMode ?? null,
    trialEndsAt: tenant.trialEndsAt?.toISOString() ?? null,
    wentLiveAt: tenant.wentLiveAt?.toISOString() ?? null,
    sandbox: tenant.sandbox,
    settings: tenant.settings,
    createdAt: tenant.createdAt.toISOString(),
    updatedAt: tenant.updatedAt.toISOString(),
  };
}

/** A user as callers see it. */
export type UserDescription = {
  id: string;
  userName: string;
  email: string | null;
  name: string | null;
  role: TenantRole;
  active: boolean;
  origin: User['origin'];
  emailVerified: boolean;
  externalId: string | null;
  createdAt: string;
};

/** Says a user in the contract's words. */
export function describeUser(user: User): UserDescription {
  return {
    id: user.id,
    userName: user.userName,
    email: user.email ?? null,
    name: user.displayName ?? null,
    role: user.role,
    active: user.active,
    origin: user.origin,
    emailVerified: Boolean(user.emailVerifiedAt),
    externalId: user.externalId ?? null,
    createdAt: user.createdAt.toISOString(),
  };
}
