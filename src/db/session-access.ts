import type { EntityManager } from '@mikro-orm/postgresql';
import type { TenantRole } from '../domain/actors.ts';
import type { Plan } from '../domain/plans/catalogue.ts';
import type { PlanOverrides } from '../domain/plans/overrides.ts';
import type { SessionState } from '../domain/sessions.ts';
import type { LivingStatus, SuspensionMode, TenantStatus } from '../domain/lifecycle/status.ts';
import { Tenant } from './entities/tenant.ts';
import type { Glance } from './glance.ts';

type SessionRow = {
  session_user_id: string | null;
  // Times come as the driver reads them: text through the ORM, dates beside it.
  session_ended_at: string | Date | null;
  session_expires_at: string | Date;
  user_role: TenantRole;
  user_active: boolean;
  user_email_verified_at: string | Date | null;
};

type TenantRow = {
  id: string;
  slug: string;
  name: string;
  plan: Plan;
  plan_version: number;
  plan_overrides: PlanOverrides | null;
  status: TenantStatus;
  suspension_mode: SuspensionMode | null;
  status_before: LivingStatus | null;
  limit_api_calls: number | null;
  // A bigint comes as text.
  clock_offset_seconds: string;
};

/** What a host application is told of a tenant. */
export type TenantFacts = Pick<TenantRow, 'id' | 'slug' | 'name' | 'plan' | 'status'> & {
  suspensionMode: SuspensionMode | null;
  statusBefore: LivingStatus | null;
  clockOffsetSeconds: number;
  limitApiCalls: number | null;
  planVersion: number;
  planOverrides: PlanOverrides | null;
};

/** A tenant, a session and its user in one statement, each by its primary key. There is no cache to be stale. */
const readAccess = (session: string, tenant: string) => `
  select t.*, s.user_id as session_user_id, s.ended_at as session_ended_at, s.expires_at as session_expires_at,
    u.role as user_role, u.active as user_active, u.email_verified_at as user_email_verified_at
  from tenants t
  left join sessions s on s.tenant_id = t.id and s.id = ${session}
  left join users u on u.tenant_id = s.tenant_id and u.id = s.user_id
  where t.id = ${tenant}`;

/** What every request of a tenant's person depends on, read in the transaction it opens. */
export async function readSessionAccess(
  em: EntityManager,
  tenantId: string,
  sessionId: string,
): Promise<{ tenant: Tenant; session: SessionState | null } | null> {
  const [row] = await em.execute<(SessionRow & Record<string, unknown>)[]>(readAccess('?', '?'), [
    sessionId,
    tenantId,
  ]);
  return row ? { tenant: em.map(Tenant, row), session: sessionOf(row) } : null;
}

/** The same for who only asks, in one round trip. */
export async function glanceAtSession(
  glance: Glance,
  tenantId: string,
  sessionId: string,
): Promise<{ tenant: TenantFacts; session: SessionState | null } | null> {
  const statement = { name: 'session_access', text: readAccess('$1', '$2'), values: [sessionId, tenantId] };
  const [row] = await glance.atTenant<SessionRow & TenantRow>(tenantId, statement);
  if (!row) return null;
  const { id, slug, name, plan, status, suspension_mode: suspensionMode, status_before: statusBefore } = row;
  const limitApiCalls = row.limit_api_calls;
  const clockOffsetSeconds = Number(row.clock_offset_seconds);
  const { plan_version: planVersion, plan_overrides: planOverrides } = row;
  const tenant = {
    limitApiCalls,
    planVersion,
    planOverrides,
    id,
    slug,
    name,
    plan,
    status,
    suspensionMode,
    statusBefore,
    clockOffsetSeconds,
  };
  return { tenant, session: sessionOf(row) };
}

function sessionOf(row: SessionRow): SessionState | null {
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
