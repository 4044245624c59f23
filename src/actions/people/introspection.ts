import { accessMode, requirePersonAccess } from '../../domain/access.ts';
import { entitlements } from '../../domain/plans/entitlements.ts';
import { requireLiveSession, type SessionState } from '../../domain/sessions.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Database } from '../../db/scope.ts';
import { glanceAtSession } from '../../db/session-access.ts';

/** What a host application learns of a session that may act. */
export type ActiveSession = {
  sub: string;
  sid: string;
  tid: string;
  role: string;
  emailVerified: boolean;
  tenant: { id: string; slug: string; name: string; status: string };
  plan: string;
  planVersion: number;
  features: Record<string, boolean>;
  limits: Record<string, number | null>;
  accessMode: string;
};

/** An active session; its tenant's present, since to ask is to use it; how many calls its people may make. */
export type Introspected = {
  session: ActiveSession;
  tenantNow: Date;
  suspended: boolean;
  limitApiCalls: number | null;
};

/** Whether a session and its tenant may act now (RFC 7662 §2.2); `null` is inactive, whatever the reason. */
export async function introspectSession(
  { glance }: Pick<Database, 'glance'>,
  { sub, tid, sid }: { sub: string; tid: string; sid: string },
  now: Date,
): Promise<Introspected | null> {
  const access = await glanceAtSession(glance, tid, sid);
  if (!access || !mayAct(access, now) || access.session.userId !== sub) return null;
  const { tenant } = access;
  return {
    session: describeSession(access, { sub, sid }),
    tenantNow: new Date(now.getTime() + tenant.clockOffsetSeconds * 1000),
    suspended: tenant.status === 'suspended',
    limitApiCalls: tenant.limitApiCalls,
  };
}

function describeSession(
  { tenant, session }: Access & { session: SessionState },
  { sub, sid }: { sub: string; sid: string },
): ActiveSession {
  const { id, slug, name, status, plan } = tenant;
  return {
    sub,
    sid,
    tid: id,
    role: session.role,
    emailVerified: session.emailVerified,
    tenant: { id, slug, name, status },
    plan,
    planVersion: tenant.planVersion,
    ...entitlements(tenant),
    accessMode: accessMode(tenant),
  };
}

type Access = NonNullable<Awaited<ReturnType<typeof glanceAtSession>>>;

function mayAct(access: Access, now: Date): access is Access & { session: SessionState } {
  try {
    requireLiveSession(access.tenant, access.session, now);
    requirePersonAccess(access.tenant, access.session.role, 'read');
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
