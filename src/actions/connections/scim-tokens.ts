import { z } from 'zod';
import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { line } from '../../domain/names.ts';
import type { PageInput } from '../../domain/pages.ts';
import { authorize } from '../../domain/permissions.ts';
import { disabledBy } from '../../domain/plans/entitlements.ts';
import { Refusal } from '../../domain/refusal.ts';
import { record } from '../../db/audit.ts';
import { ScimToken } from '../../db/entities/connection.ts';
import { newId } from '../../db/ids.ts';
import { pageOf } from '../../db/pages.ts';
import { type SeenTenant, seenTenantColumns } from '../../db/round-trips/seen-tenant.ts';
import type { Database, TenantScope } from '../../db/scope.ts';
import { dropNotices, promiseNotices } from './token-expiry.ts';

/** How long a rotated token goes on working beside its successor, so that a sync is not interrupted. */
const overlapDays = 1;

export const createScimTokenInput = z.object({
  label: line(255),
  expiresAt: z.iso.datetime({ offset: true }).optional(),
});
export const scimTokenInput = z.object({ tokenId: z.uuid() });

/** Whose directory asks, with which token, and its tenant as it was then. */
type KnownDirectory = { tenantId: string; tokenId: string; seen: SeenTenant };

/**
 * Which tenant a directory's bearer token opens under this slug, or `null`: for an unknown slug, another
 * tenant's token, an expired or a revoked one alike. Notes once a minute that it is used. A tenant that was offboarded
 * has no other tokens than revoked ones: they open nothing, and are known so that the directory is told why.
 */
export async function authenticateScim(
  { glance, ports }: Pick<Database, 'glance' | 'ports'>,
  { slug, token }: { slug: string; token: string },
  now: Date,
): Promise<KnownDirectory | null> {
  const [found] = await glance.atControlPlane<{ tenantId: string; tokenId: string } & SeenTenant>({
    name: 'scim_token_by_slug',
    text: `
      with found as (
        select k.tenant_id, k.id, ${seenTenantColumns} from tenants t join scim_tokens k on k.tenant_id = t.id and k.hash = $1
        where t.slug = $2 and (k.revoked_at is null or t.status = 'offboarded') and (k.expires_at is null or k.expires_at > $3)
      ), used as (
        update scim_tokens k set last_used_at = $3 from found
        where k.tenant_id = found.tenant_id and k.id = found.id
          and (k.last_used_at is null or k.last_used_at < $3 - interval '1 minute')
      )
      select tenant_id as "tenantId", id as "tokenId", "row", "version" from found`,
    values: [ports.tokens.hash(token), slug, now],
  });
  if (!found) return null;
  const { tenantId, tokenId, row, version } = found;
  return { tenantId, tokenId, seen: { row, version } };
}

/** A new token for the tenant's directory. It is shown once. */
export async function createScimToken(
  scope: TenantScope,
  { label, expiresAt }: { label: string; expiresAt?: string | undefined },
) {
  authorize(scope.actor, scope.tenant, 'scim_token.create');
  const expiry = expiresAt === undefined ? null : new Date(expiresAt);
  if (expiry && expiry <= scope.now) throw new Refusal('INVALID_INPUT', 'expiresAt: is in the past');
  const { token, row } = issueToken(scope, label, expiry);
  await record(scope, 'scim_token.created', {
    target: { kind: 'scim_token', id: row.id },
    details: { label, expiresAt: expiry },
  });
  await promiseNotices(scope, row);
  return { ...describeToken(row), token, slug: scope.tenant.slug };
}

/** The tenant's tokens, newest first; never the secrets. Those that the plan is without are `disabled` by it. */
export function listScimTokens(scope: TenantScope, page: PageInput) {
  authorize(scope.actor, scope.tenant, 'connection.read');
  return pageOf({
    page,
    find: (newestFirst, after) =>
      scope.em.find(ScimToken, { tenantId: scope.tenant.id, ...after }, newestFirst),
    describe: (token) => ({ ...describeToken(token), disabled: disabledBy(scope.tenant, 'scim') }),
  });
}

/** A successor for a token, which itself stops working a day later. */
export async function rotateScimToken(scope: TenantScope, { tokenId }: z.infer<typeof scimTokenInput>) {
  authorize(scope.actor, scope.tenant, 'scim_token.create');
  const old = await findToken(scope, tokenId);
  const { token, row } = issueToken(scope, old.label, old.expiresAt);
  const end = daysAfter(scope.now, overlapDays);
  if (!old.expiresAt || old.expiresAt > end) old.expiresAt = end;
  await record(scope, 'scim_token.rotated', {
    target: { kind: 'scim_token', id: old.id },
    details: { successor: row.id },
  });
  await dropNotices(scope, old.id);
  await promiseNotices(scope, row);
  return { ...describeToken(row), token, slug: scope.tenant.slug };
}

/** Ends a token with this call. */
export async function revokeScimToken(scope: TenantScope, { tokenId }: z.infer<typeof scimTokenInput>) {
  authorize(scope.actor, scope.tenant, 'scim_token.revoke');
  const token = await findToken(scope, tokenId);
  token.revokedAt = scope.now;
  await dropNotices(scope, token.id);
  await record(scope, 'scim_token.revoked', { target: { kind: 'scim_token', id: token.id } });
  return describeToken(token);
}

function issueToken({ em, tenant, now, ports }: TenantScope, label: string, expiresAt: Date | null) {
  const token = ports.tokens.create('scim', tenant.id);
  const row = em.create(ScimToken, {
    tenantId: tenant.id,
    id: newId(),
    label,
    hash: ports.tokens.hash(token),
    createdAt: now,
    expiresAt,
  });
  return { token, row };
}

async function findToken({ em, tenant }: TenantScope, id: string): Promise<ScimToken> {
  const token = await em.findOne(ScimToken, { tenantId: tenant.id, id, revokedAt: null });
  if (!token) throw new Refusal('NOT_FOUND', 'no such token');
  return token;
}

function describeToken(token: ScimToken) {
  return {
    id: token.id,
    label: token.label,
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt?.toISOString() ?? null,
    revokedAt: token.revokedAt?.toISOString() ?? null,
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
  };
}
