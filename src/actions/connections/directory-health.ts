import { describeToken, foreseeQuarantine, stateOfToken } from '../../domain/directory/token-health.ts';
import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { authorize } from '../../domain/permissions.ts';
import { disabledBy } from '../../domain/plans/entitlements.ts';
import { firstIdAt } from '../../db/ids.ts';
import type { TenantScope } from '../../db/scope.ts';

/** How many tokens are told of at most, newest first; those that ended longer ago are not. */
const mostTokens = 100;
const endedDays = 30;

/**
 * How the tenant's directory gets on, token by token: when it asked last and was answered last, how much was refused in
 * 24 hours, and whether its identity provider is about to stop by itself. `withoutToken` counts requests with no token
 * of this tenant's.
 */
export async function describeHealth(scope: TenantScope) {
  authorize(scope.actor, scope.tenant, 'connection.read');
  const { now } = scope;
  const rows = await readTokens(scope);
  const disabled = disabledBy(scope.tenant, 'scim') !== null;
  const items = rows.map((row) => {
    const facts = { ...row, disabled };
    const { requests, refused } = row;
    return {
      tokenId: row.id,
      label: row.label,
      expiresAt: sayWhen(row.expiresAt),
      revokedAt: sayWhen(row.revokedAt),
      lastRequestAt: sayWhen(row.lastRequestAt),
      lastSuccessAt: sayWhen(row.lastSuccessAt),
      last24Hours: { requests, refused, errorRate: requests === 0 ? 0 : refused / requests },
      state: stateOfToken(facts, now),
      verdict: describeToken(facts, now),
      quarantine: foreseeQuarantine(facts),
    };
  });
  return { items, withoutToken: await countStrangers(scope) };
}

type Times = Record<'expiresAt' | 'revokedAt' | 'lastRequestAt' | 'lastSuccessAt', Date | null>;
type Row = { id: string; label: string; requests: number; refused: number; tokenRefused: boolean } & Times;

/** A refusal by 401 is counted with the token that was sent, where it is one of the tenant's. */
async function readTokens({ em, tenant, now }: TenantScope): Promise<Row[]> {
  const rows = await em.execute<(Omit<Row, keyof Times> & Record<keyof Times, string | null>)[]>(
    `with asked as (
       select token_id, sum(times)::int as requests,
         coalesce(sum(times) filter (where status >= 400 and status <> 404), 0)::int as refused,
         max(at) filter (where status = 401) as unauthorized
       from scim_requests where tenant_id = ? and id >= ? and token_id is not null group by token_id
     ), told as (
       select k.*,
         (select r.at from scim_requests r where r.tenant_id = k.tenant_id and r.token_id = k.id
          order by r.id desc limit 1) as last_at,
         (select r.at from scim_requests r where r.tenant_id = k.tenant_id and r.token_id = k.id and r.status < 400
          order by r.id desc limit 1) as good_at
       from scim_tokens k where k.tenant_id = ? and (k.revoked_at is null or k.revoked_at > ?)
         and (k.expires_at is null or k.expires_at > ?)
       order by k.id desc limit ?
     )
     select k.id, k.label, k.expires_at as "expiresAt", k.revoked_at as "revokedAt",
       greatest(k.last_used_at, k.last_at) as "lastRequestAt", k.good_at as "lastSuccessAt",
       coalesce(asked.requests, 0) as requests, coalesce(asked.refused, 0) as refused,
       coalesce(asked.unauthorized > coalesce(k.good_at, '-infinity'), false) as "tokenRefused"
     from told k left join asked on asked.token_id = k.id order by k.id desc`,
    [
      tenant.id,
      firstIdAt(daysAfter(now, -1)),
      tenant.id,
      daysAfter(now, -endedDays),
      daysAfter(now, -endedDays),
      mostTokens,
    ],
  );
  return rows.map((row) => ({
    ...row,
    expiresAt: readTime(row.expiresAt),
    revokedAt: readTime(row.revokedAt),
    lastRequestAt: readTime(row.lastRequestAt),
    lastSuccessAt: readTime(row.lastSuccessAt),
  }));
}

async function countStrangers({ em, tenant, now }: TenantScope): Promise<number> {
  const [counted] = await em.execute<{ requests: number }[]>(
    `select coalesce(sum(times), 0)::int as requests from scim_requests
     where tenant_id = ? and id >= ? and token_id is null`,
    [tenant.id, firstIdAt(daysAfter(now, -1))],
  );
  return counted?.requests ?? 0;
}

function readTime(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

function sayWhen(moment: Date | null): string | null {
  return moment?.toISOString() ?? null;
}
