import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { DeadlineKind } from '../../domain/lifecycle/deadlines.ts';
import type { TenantScope } from '../scope.ts';

/** A tenant's world as far as lifecycle actions depend on it, read in one statement. */
export type World = {
  /** Its deadlines, by date. */
  deadlines: { kind: DeadlineKind; subject: string; dueAt: string }[];
  /** How many sessions are open. */
  sessions: number;
  /** One text for one state of the world: another when anything of it has changed. */
  fingerprint: string;
};

type Row = {
  deadlines: World['deadlines'];
  sessions: number;
  rest: Record<string, unknown>;
};

const question = `
  select
    (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'subject', subject, 'dueAt', due_at)
       order by due_at, kind, subject), '[]') from deadlines where tenant_id = t.id) as deadlines,
    (select count(*)::int from sessions where tenant_id = t.id and ended_at is null) as sessions,
    jsonb_build_object(
      'tenant', to_jsonb(t) - 'updated_at',
      'suspensions', (select jsonb_agg(to_jsonb(s) order by id) from suspensions s
        where tenant_id = t.id and lifted_at is null),
      'offboarding', (select to_jsonb(o) from offboardings o where tenant_id = t.id and phase <> 'cancelled'),
      'scheduled', (select to_jsonb(p) from scheduled_plan_changes p where tenant_id = t.id),
      'requests', (select jsonb_agg(to_jsonb(r) order by id) from plan_requests r
        where tenant_id = t.id and state = 'open'),
      'billing', (select to_jsonb(b) - 'updated_at' - 'read_at' from billing_accounts b where tenant_id = t.id),
      'hold', (select to_jsonb(h) from legal_holds h where tenant_id = t.id and released_at is null),
      'admins', (select jsonb_agg(jsonb_build_array(id, role, email_key) order by id) from users
        where tenant_id = t.id and active and role in ('owner', 'admin')),
      'invited', (select jsonb_agg(jsonb_build_array(id, role, email_key) order by id) from invitations
        where tenant_id = t.id and accepted_at is null and expired_at is null)
    ) as rest
  from tenants t where id = ?`;

/** Reads what lifecycle actions on a tenant depend on, as this transaction sees it. */
export async function readWorld({ em, tenant }: TenantScope): Promise<World> {
  await em.flush();
  const [row] = await em.execute<Row[]>(question, [tenant.id]);
  if (!row) throw new Error(`tenant ${tenant.id} is there in its own scope`);
  const { sessions, rest } = row;
  const deadlines = row.deadlines.map(({ dueAt, ...deadline }) => ({
    ...deadline,
    dueAt: new Date(dueAt).toISOString(),
  }));
  const fingerprint = createHash('sha256').update(canonicalJson({ deadlines, sessions, rest })).digest('hex');
  return { deadlines, sessions, fingerprint };
}
