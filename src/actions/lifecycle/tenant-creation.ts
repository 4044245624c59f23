import { z } from 'zod';
import { emailAddress, line, slug } from '../../domain/names.ts';
import { requirePermission } from '../../domain/permissions.ts';
import { currentVersion, plans } from '../../domain/plans/catalogue.ts';
import type { TenantStatus } from '../../domain/lifecycle/status.ts';
import { Tenant } from '../../db/entities/tenant.ts';
import { type ControlScope, enterTenant } from '../../db/scope.ts';
import { limitColumns, settingsOf } from '../plans/effective-limits.ts';
import { describeTenant } from '../descriptions.ts';
import { invite } from '../people/invitations.ts';
import { hashOfTrial, refuseSecondTrial } from '../plans/used-trials.ts';
import { announce } from './announcement.ts';
import { resetInactivity } from '../suspension/inactivity-deadlines.ts';
import { openOnboarding, tickStep } from './onboarding.ts';
import { startTrial } from './trial.ts';

export const createTenantInput = z.object({
  name: line(255),
  slug,
  plan: z.enum(plans),
  adminEmail: emailAddress,
  adminName: line(255).optional(),
  sandbox: z.boolean().default(false),
  /** Gives a trial also where this company has had one. */
  again: z.boolean().default(false),
});

const firstStatus: Record<(typeof plans)[number], TenantStatus> = {
  free: 'active',
  starter: 'trial',
  professional: 'trial',
  enterprise: 'onboarding',
};

/** Refuses with `PERMISSION_DENIED`, before anything has been prepared. */
export function requireMayCreate({ actor }: ControlScope): void {
  requirePermission(actor, 'tenant.create');
}

/**
 * Opens a tenant for a customer and invites its first owner. An enterprise tenant begins with its onboarding
 * checklist, a paid plan with a trial. `CONFLICT` when the slug is taken.
 */
export async function createTenant(
  scope: ControlScope,
  input: z.infer<typeof createTenantInput>,
  tenantId: string,
) {
  requirePermission(scope.actor, 'tenant.create');
  const { name, plan, sandbox, adminEmail, adminName } = input;
  const status = firstStatus[plan];
  if (status === 'trial' && !input.again) await refuseSecondTrial(scope, [adminEmail]);
  scope.em.create(Tenant, {
    id: tenantId,
    name,
    slug: input.slug,
    plan,
    status,
    sandbox,
    trialEndsAt: status === 'trial' ? scope.now : null,
    trialKeyHash: status === 'trial' ? hashOfTrial(scope, adminEmail) : null,
    planVersion: currentVersion,
    ...limitColumns({ plan, planVersion: currentVersion }),
    settings: settingsOf(plan),
    createdAt: scope.now,
    updatedAt: scope.now,
  });
  return enterTenant(scope, tenantId, async (entered) => {
    await announce(entered, 'created', {
      target: { kind: 'tenant', id: tenantId },
      details: { name, slug: input.slug, plan, sandbox },
    });
    if (status === 'trial') await startTrial(entered);
    if (status === 'onboarding') await openOnboarding(entered);
    await resetInactivity(entered);
    await invite(entered, { email: adminEmail, name: adminName ?? null, role: 'owner' });
    await tickStep(entered, 'admin_users_created');
    return describeTenant(entered.tenant);
  });
}
