import type { EntityManager } from '@mikro-orm/postgresql';
import type { TenantRole } from '../domain/actors.ts';
import type { SessionState } from '../domain/sessions.ts';
import { Tenant } from './entities/tenant.ts';

type AccessRow = {
  session_user_id: string | null;
  // Raw rows hold times as the database prints them.
  session_ended_at: string | null;
  session_expires_at: string;
  user_role: TenantRole;
  user_active: boolean;
  user_email_verified_at: string | null;
};

/**
 * Reads a tenant, a session and its user in one statement, each by its primary key: what every request of a
 * tenant's person depends on. There is no cache that could be stale.
 */
export async function readSessionAccess(
  em: EntityManager,
  tenantId: string,
  sessionId: string,
): Promise<{ tenant: Tenant; session: SessionState | null } | null> {
  const [row] = await em.execute<(AccessRow & Record<string, unknown>)[]>(
    `select t.*, s.user_id as session_user_id, s.ended_at as session_ended_at, s.expires_at as session_expires_at,
       u.role as user_role, u.active as user_active, u.email_verified_at as user_email_verified_at
     from tenants t
     left join sessions s on s.tenant_id = t.id and s.id = ?
     left join users u on u.tenant_id = s.tenant_id and u.id = s.user_id
     where t.id = ?`,
    [sessionId, tenantId],
  );
  if (!row) return null;
  return { tenant: em.map(Tenant, row), session: sessionOf(row) };
}

function sessionOf(row: AccessRow): SessionState | null {
  if (row.session_user_id === null) return null;
  return {
    userId: row.session_user_id,
    role: row.user_role,
    userActive: row.user_active,
    emailVerified: row.user_email_verified_at !== null,
    endedAt: row.session_ended_at === null ? null : new Date(row.session_ended_at),
    expiresAt: new Date(row.session_expires_at),
  };
}
