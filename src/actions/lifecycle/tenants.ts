import { isDeepStrictEqual } from 'node:util';
import { sql } from '@mikro-orm/core';
import { z } from 'zod';
import { daysAfter, durationMilliseconds } from '../../domain/lifecycle/deadlines.ts';
import { line, slug } from '../../domain/names.ts';
import { pageInput } from '../../domain/pages.ts';
import { authorize, requirePermission } from '../../domain/permissions.ts';
import { plans } from '../../domain/plans/catalogue.ts';
import { Refusal } from '../../domain/refusal.ts';
import { changeSettings, tenantSettingsChange } from '../../domain/lifecycle/settings.ts';
import { tenantStatuses } from '../../domain/lifecycle/status.ts';
import { foldCase } from '../../domain/user-attributes.ts';
import { record } from '../../db/audit.ts';
import { shiftDeadlines } from '../../db/deadlines.ts';
import { Tenant } from '../../db/entities/tenant.ts';
import { later } from '../../db/jobs.ts';
import { pageOf } from '../../db/pages.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';
import { describeTenant } from '../descriptions.ts';
import { lockTenant } from '../locks.ts';
import { tickStep } from './onboarding.ts';

export const listTenantsInput = pageInput.extend({
  status: z.enum(tenantStatuses).optional(),
  plan: z.enum(plans).optional(),
  search: line(255).optional(),
});
export const updateTenantInput = z.object({
  name: line(255).optional(),
  slug: slug.optional(),
  settings: tenantSettingsChange.optional(),
});
export const advanceClockInput = z.object({ by: z.string() });

/**
 * Tenants by status and plan, newest first; a search finds them by a part of name or slug, by the whole e-mail address
 * of one of their people, or by the domain of one.
 */
export async function listTenants(scope: ControlScope, input: z.infer<typeof listTenantsInput>) {
  requirePermission(scope.actor, 'tenant.list');
  const { status, plan, search } = input;
  const where = {
    ...(status ? { status } : {}),
    ...(plan ? { plan } : {}),
    ...(search ? { $or: findBy(search) } : {}),
  };
  return pageOf({
    page: input,
    find: (newestFirst, after) => scope.em.find(Tenant, { ...where, ...after }, newestFirst),
    describe: describeTenant,
  });
}

function findBy(search: string) {
  const pattern = `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const key = foldCase(search);
  const ofPeople = sql`(select tenant_id from tenant_addresses where email_key = ${key} or domain = ${key})`;
  return [{ name: { $ilike: pattern } }, { slug: { $ilike: pattern } }, { id: { $in: ofPeople } }];
}

/** Changes name and settings. A slug stays: paths, tokens and identity providers depend on it. */
export async function updateTenant(scope: TenantScope, input: z.infer<typeof updateTenantInput>) {
  authorize(scope.actor, scope.tenant, 'tenant.update');
  const tenant = await lockTenant(scope);
  if (input.slug && input.slug !== tenant.slug) {
    throw new Refusal('INVALID_INPUT', 'a slug cannot be changed: identity providers are set up with it');
  }
  const before = { name: tenant.name, settings: tenant.settings };
  if (input.name) tenant.name = input.name;
  if (input.settings) tenant.settings = changeSettings(tenant.settings, input.settings);
  const after = { name: tenant.name, settings: tenant.settings };
  if (isDeepStrictEqual(before, after)) return describeTenant(tenant);
  await record(scope, 'tenant.updated', {
    target: { kind: 'tenant', id: tenant.id },
    details: { before, after },
  });
  if (input.settings) await tickStep(scope, 'settings_configured');
  await scope.em.flush();
  await scope.em.refresh(tenant);
  return describeTenant(tenant);
}

/** Moves a sandbox tenant's clock on; what is due by it happens at once. */
export async function advanceClock(scope: TenantScope, { by }: z.infer<typeof advanceClockInput>) {
  authorize(scope.actor, scope.tenant, 'tenant.advance_clock');
  const milliseconds = durationMilliseconds(by);
  const limit = daysAfter(new Date(0), 3660).getTime();
  if (milliseconds === null || milliseconds < 1000 || milliseconds > limit) {
    throw new Refusal('INVALID_INPUT', 'by: use an ISO 8601 duration from PT1S to ten years, such as P30D');
  }
  const tenant = await lockTenant(scope);
  if (!tenant.sandbox) throw new Refusal('PERMISSION_DENIED', 'only a sandbox tenant has a clock of its own');
  const seconds = Math.floor(milliseconds / 1000);
  tenant.clockOffsetSeconds += seconds;
  await scope.em.flush();
  await shiftDeadlines(scope, seconds);
  await record(scope, 'tenant.clock_advanced', { details: { by } });
  await later(scope, 'deadlines.sweep', {});
  const now = new Date(scope.now.getTime() + tenant.clockOffsetSeconds * 1000).toISOString();
  return { ...describeTenant(tenant), now };
}
