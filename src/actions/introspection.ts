import { accessMode, requirePersonAccess } from '../domain/access.ts';
import { entitlements } from '../domain/entitlements.ts';
import { requireLiveSession } from '../domain/sessions.ts';
import { Refusal } from '../domain/refusal.ts';
import type { TenantScope } from '../db/scope.ts';
import { readSessionAccess } from '../db/session-access.ts';

/** What a host application learns of a session that may act. */
export type ActiveSession = {
  sub: string;
  sid: string;
  tid: string;
  role: string;
  emailVerified: boolean;
  tenant: { id: string; slug: string; name: string; status: string };
  plan: string;
  features: Record<string, boolean>;
  limits: Record<string, number | null>;
  accessMode: string;
};

/** Whether a session and its tenant may act now (RFC 7662 §2.2); `null` is inactive, whatever the reason. */
export async function introspectSession(
  { em, tenant, now }: Pick<TenantScope, 'em' | 'tenant' | 'now'>,
  { sub, sid }: { sub: string; sid: string },
): Promise<ActiveSession | null> {
  const access = await readSessionAccess(em, tenant.id, sid);
  if (!access) return null;
  const { session } = access;
  try {
    requireLiveSession(access.tenant, session, now);
    requirePersonAccess(access.tenant, session.role, 'read');
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
  if (session.userId !== sub) return null;
  const { id, slug, name, status, plan } = access.tenant;
  return {
    sub,
    sid,
    tid: id,
    role: session.role,
    emailVerified: session.emailVerified,
    tenant: { id, slug, name, status },
    plan,
    ...entitlements(plan),
    accessMode: accessMode(access.tenant),
  };
}
