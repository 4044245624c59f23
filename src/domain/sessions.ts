import { accessMode, type TenantState } from './access.ts';
import type { TenantRole } from './actors.ts';
import { Refusal } from './refusal.ts';

/** What the database says of a session and the user behind it. */
export type SessionState = {
  userId: string;
  role: TenantRole;
  userActive: boolean;
  emailVerified: boolean;
  endedAt: Date | null;
  expiresAt: Date;
};

/**
 * Lets a session pass, or refuses: `TENANT_OFFBOARDED` and `TENANT_SUSPENDED` where the tenant is why it ended,
 * else `INVALID_CREDENTIALS`.
 */
export function requireLiveSession(
  tenant: TenantState,
  session: SessionState | null,
  now: Date,
): asserts session is SessionState {
  const mode = accessMode(tenant);
  if (mode === 'none') throw new Refusal('TENANT_OFFBOARDED', 'this tenant has been offboarded');
  const live = session !== null && session.userActive && session.endedAt === null && session.expiresAt > now;
  if (live) return;
  if (mode === 'blocked') throw new Refusal('TENANT_SUSPENDED', 'this tenant is suspended');
  throw new Refusal('INVALID_CREDENTIALS', 'this session has ended');
}
