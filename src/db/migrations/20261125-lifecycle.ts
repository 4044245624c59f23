import { Migration } from '@mikro-orm/migrations';

/** The lifecycle engine: offboarding, purge, approvals, tasks, customer records, notifications, webhooks. */
export class Migration20261125Lifecycle extends Migration {
  override up(): void {
    this.addSql(`create function check_tenant_state() returns trigger as $$
      declare
        tenant uuid := (to_jsonb(new) ->> tg_argv[0])::uuid;
        role_before text := current_setting('role');
        user_before text := current_user;
        tenant_before text := coalesce(current_setting('app.tenant_id', true), '');
        found_tenant tenants;
        modes text[];
        leaving boolean;
      begin
        if tg_op = 'INSERT' and tg_table_name = 'tenants' then
          if to_jsonb(new) ->> 'status' in ('suspended', 'offboarded') then
            raise exception 'a tenant does not begin as %', to_jsonb(new) ->> 'status' using errcode = 'check_violation', constraint = 'tenant_state';
          end if;
          return null;
        end if;
        if current_user <> 'tenantry_tenant' then
          -- From PostgreSQL 18 on this runs in the role that wrote, before in the role at the end of the transaction.
          -- Only the tenant's role changes a tenant's state; whoever owns the tables may mend rows by hand.
          if current_setting('server_version_num')::int >= 180000 or not pg_has_role(session_user, 'tenantry_tenant', 'member') then
            return null;
          end if;
          perform set_config('role', 'tenantry_tenant', true);
        end if;
        perform set_config('app.tenant_id', tenant::text, true);
        select * into found_tenant from tenants where id = tenant;
        -- What is being purged is no longer consistent, on purpose.
        if found and found_tenant.purge_claimed_at is null then
          modes := array(select distinct mode from suspensions where tenant_id = tenant and started_at is not null and lifted_at is null);
          leaving := exists (select from offboardings where tenant_id = tenant and phase in ('executed', 'purging'));
          if (found_tenant.status = 'offboarded') <> leaving
            or (found_tenant.status <> 'offboarded' and (found_tenant.status = 'suspended') <> (cardinality(modes) > 0))
            or (found_tenant.status = 'suspended' and found_tenant.suspension_mode <> case when 'blocked' = any(modes) then 'blocked' else 'read_only' end)
          then
            raise exception 'tenant % says % (%), its suspensions say %, its offboarding says %', tenant, found_tenant.status, found_tenant.suspension_mode, modes, leaving
              using errcode = 'check_violation', constraint = 'tenant_state';
          end if;
        end if;
        perform set_config('app.tenant_id', tenant_before, true);
        if current_user <> user_before then perform set_config('role', role_before, true); end if;
        return null;
      end $$ language plpgsql`);
    this.addSql(`create table "approvals" ("tenant_id" uuid not null, "id" uuid not null, "action" text not null, "input" jsonb not null, "input_hash" text not null, "state" text not null default 'pending', "requested_at" timestamptz not null, "expires_at" timestamptz not null, "requested_by_kind" text not null, "requested_by_id" uuid not null, "requested_session_id" uuid null, "requested_by_key" text not null, "decided_at" timestamptz null, "decided_by_id" uuid null, "decided_by_key" text null, "decision_note" text null, "failure" text null, "broken_glass" boolean not null default false, "reviewed_at" timestamptz null, "reviewed_by_key" text null, "review_note" text null, "escalated_at" timestamptz null, primary key ("tenant_id", "id"))`);
    this.addSql(`create index "approvals_expiry_index" on "approvals" ("expires_at") where state = 'pending'`);
    this.addSql(`create unique index "approvals_pending_unique" on "approvals" ("tenant_id", "action", "input_hash", "requested_by_key") where state = 'pending'`);
    this.addSql(`create unique index "approvals_unreviewed_unique" on "approvals" ("requested_by_key") where broken_glass and reviewed_at is null`);
    this.addSql(`create table "notifications" ("tenant_id" uuid not null, "id" uuid not null, "mail" text not null, "occurrence" text not null, "recipient_kind" text not null, "recipient_id" text not null, "promised_at" timestamptz not null, "sent_at" timestamptz null, "address" text null, "subject" text null, "withheld_because" text null, "last_error" text null, primary key ("tenant_id", "id"))`);
    this.addSql(`alter table "notifications" add constraint "notifications_once_unique" unique ("tenant_id", "mail", "occurrence", "recipient_kind", "recipient_id")`);
    this.addSql(`create table "plan_policies" ("plan" text not null, "inactivity_days" int null, "retention_days" int null, "updated_at" timestamptz not null, primary key ("plan"))`);
    this.addSql(`create table "paused_deadlines" ("kind" text not null, "note" text not null, "paused_at" timestamptz not null, "paused_by_id" uuid null, primary key ("kind"))`);
    this.addSql(`create table "taken_slugs" ("hash" text not null, "taken_at" timestamptz not null default now(), primary key ("hash"))`);
    this.addSql(`create table "tasks" ("tenant_id" uuid not null, "id" uuid not null, "kind" text not null, "priority" text not null, "owner_role" text not null, "backup_role" text not null, "subject_id" uuid null, "created_at" timestamptz not null, "due_at" timestamptz not null, "escalated_at" timestamptz null, "done_at" timestamptz null, "done_by_kind" text null, "done_by_id" uuid null, "note" text null, "evidence" text null, primary key ("tenant_id", "id"))`);
    this.addSql(`create index "tasks_queue_index" on "tasks" ("priority", "due_at") where done_at is null`);
    this.addSql(`create index "tasks_subject_index" on "tasks" ("tenant_id", "subject_id")`);
    this.addSql(`create table "offboardings" ("tenant_id" uuid not null, "id" uuid not null, "trigger" text not null, "phase" text not null, "note" text not null, "requested_at" timestamptz not null, "requested_by_kind" text not null, "requested_by_id" uuid null, "effective_at" timestamptz not null, "executed_at" timestamptz null, "executed_by_kind" text null, "executed_by_id" uuid null, "purge_due_at" timestamptz null, "claimed_at" timestamptz null, "cancelled_at" timestamptz null, "cancelled_by_kind" text null, "cancelled_by_id" uuid null, "cancel_note" text null, "status_before" text null, "living_before" text null, "suspended_at_before" timestamptz null, primary key ("tenant_id", "id"))`);
    this.addSql(`create unique index "offboardings_open_unique" on "offboardings" ("tenant_id") where phase <> 'cancelled'`);
    this.addSql(`create table "legal_holds" ("tenant_id" uuid not null, "id" uuid not null, "note" text not null, "placed_at" timestamptz not null, "placed_by_kind" text not null, "placed_by_id" uuid null, "released_at" timestamptz null, "released_by_kind" text null, "released_by_id" uuid null, "release_note" text null, primary key ("tenant_id", "id"))`);
    this.addSql(`create unique index "legal_holds_open_unique" on "legal_holds" ("tenant_id") where released_at is null`);
    this.addSql(`create table "customer_records" ("tenant_id" uuid not null, "account_owner" text null, "crm_id" text null, "billing_id" text null, "support_id" text null, "contacts" jsonb not null default '[]', "updated_at" timestamptz not null, primary key ("tenant_id"))`);
    this.addSql(`create table "customer_notes" ("tenant_id" uuid not null, "id" uuid not null, "at" timestamptz not null, "action" text null, "text" text not null, "by_kind" text not null, "by_id" uuid null, primary key ("tenant_id", "id"))`);
    this.addSql(`create table "tenant_activity" ("tenant_id" uuid not null, "last_active_at" timestamptz not null, primary key ("tenant_id"))`);
    this.addSql(`create table "tenant_addresses" ("tenant_id" uuid not null, "source_id" uuid not null, "email_key" text not null, "domain" text not null, primary key ("tenant_id", "source_id"))`);
    this.addSql(`create index "tenant_addresses_email_index" on "tenant_addresses" ("email_key")`);
    this.addSql(`create index "tenant_addresses_domain_index" on "tenant_addresses" ("domain")`);
    this.addSql(`create table "tombstones" ("id" uuid not null, "slug_hash" text not null, "state" text not null default 'claimed', "order" jsonb not null, "claimed_at" timestamptz not null, "key_destroyed_at" timestamptz null, "rows" jsonb not null default '{}', "files" int not null default 0, "bytes" bigint not null default '0', "jobs" int not null default 0, "mails" int not null default 0, "closing" jsonb not null default '[]', "recipients_sealed" text null, "certificate" jsonb null, "certified_at" timestamptz null, "link_hashes" text[] not null default '{}', primary key ("id"))`);
    this.addSql(`create index "tombstones_unfinished_index" on "tombstones" ("claimed_at") where state <> 'certified'`);
    this.addSql(`create table "webhook_deliveries" ("tenant_id" uuid not null, "id" uuid not null, "position" bigserial not null, "endpoint_owner_id" uuid not null, "endpoint_id" uuid not null, "event_id" uuid not null, "event_type" text not null, "payload" jsonb not null, "state" text not null default 'pending', "created_at" timestamptz not null, "next_attempt_at" timestamptz not null, "leased_until" timestamptz null, "attempts" int not null default 0, "last_status" int null, "last_error" text null, "settled_at" timestamptz null, primary key ("tenant_id", "id"))`);
    this.addSql(`create index "webhook_deliveries_due_index" on "webhook_deliveries" ("next_attempt_at") where state = 'pending'`);
    this.addSql(`create index "webhook_deliveries_order_index" on "webhook_deliveries" ("tenant_id", "endpoint_id", "position") where state = 'pending'`);
    this.addSql(`create index "webhook_deliveries_log_index" on "webhook_deliveries" ("endpoint_owner_id", "id")`);
    this.addSql(`create table "webhook_endpoints" ("tenant_id" uuid not null, "id" uuid not null, "url" text not null, "description" text not null default '', "event_types" text[] not null default '{}', "secret_sealed" text not null, "previous_secret_sealed" text null, "previous_secret_expires_at" timestamptz null, "created_at" timestamptz not null, "disabled_at" timestamptz null, "disabled_reason" text null, "failing_since" timestamptz null, primary key ("tenant_id", "id"))`);
    this.addSql(`create or replace function "audit_events_audit_events_tenant_fn"() returns trigger as $$ begin if new.tenant_id <> '00000000-0000-0000-0000-000000000000'::uuid then perform 1 from tenants where id = new.tenant_id for key share; if not found then raise exception 'no such tenant' using errcode = 'insufficient_privilege'; end if; end if; return new; end; $$ language plpgsql`);
    this.addSql(`create trigger "audit_events_tenant" BEFORE INSERT on "audit_events" for each ROW execute function "audit_events_audit_events_tenant_fn"()`);
    this.addSql(`create or replace function "idempotency_keys_idempotency_keys_tenant_fn"() returns trigger as $$ begin if new.tenant_id <> '00000000-0000-0000-0000-000000000000'::uuid then perform 1 from tenants where id = new.tenant_id for key share; if not found then raise exception 'no such tenant' using errcode = 'insufficient_privilege'; end if; end if; return new; end; $$ language plpgsql`);
    this.addSql(`create trigger "idempotency_keys_tenant" BEFORE INSERT on "idempotency_keys" for each ROW execute function "idempotency_keys_idempotency_keys_tenant_fn"()`);
    this.addSql(`drop index "sessions_user_index"`);
    this.addSql(`create index "sessions_user_index" on "sessions" ("tenant_id", "user_id")`);
    this.addSql(`create index "refresh_tokens_session_index" on "refresh_tokens" ("tenant_id", "session_id")`);
    this.addSql(`create index "person_tokens_person_index" on "person_tokens" ("person_id")`);
    this.addSql(`create index "user_tokens_user_index" on "user_tokens" ("tenant_id", "user_id")`);
    this.addSql(`alter table "signing_keys" add "purpose" text not null default 'access_tokens'`);
    this.addSql(`alter table "signing_keys" add constraint "signing_keys_purpose_check" check ("purpose" in ('access_tokens', 'documents'))`);
    this.addSql(`alter table "tenants" add "offboarded_at" timestamptz null, add "purge_claimed_at" timestamptz null`);
    this.addSql(`alter table "tenants" add constraint "tenants_offboarding_check" check ((status = 'offboarded') = (offboarded_at is not null) and (purge_claimed_at is null or status = 'offboarded'))`);
    this.addSql(`create or replace function "tenants_tenants_slug_taken_fn"() returns trigger as $$ begin insert into taken_slugs (hash) values (encode(sha256(convert_to(new.slug, 'UTF8')), 'hex')); return new; end; $$ language plpgsql`);
    this.addSql(`create trigger "tenants_slug_taken" BEFORE INSERT on "tenants" for each ROW execute function "tenants_tenants_slug_taken_fn"()`);
    this.addSql(`create constraint trigger "tenants_consistent" after insert or update on "tenants" deferrable initially deferred for each row execute function check_tenant_state('id')`);
    this.addSql(`alter table "suspensions" add "starts_at" timestamptz null, add "started_at" timestamptz null, add "ends_at" timestamptz null, add "invoice" text null, add "notify" boolean not null default true, add "resolution" text null, add "promised_until" timestamptz null, add "promise_kept_at" timestamptz null, add "promise_broken_at" timestamptz null`);
    this.addSql(`alter table suspensions no force row level security`);
    this.addSql(`update suspensions set starts_at = raised_at, started_at = raised_at, resolution = case when lifted_at is null then null else 'resolved' end`);
    this.addSql(`alter table suspensions force row level security`);
    this.addSql(`alter table suspensions alter column starts_at set not null`);
    this.addSql(`alter table "suspensions" add constraint "suspensions_resolved_check" check ((lifted_at is null) = (resolution is null))`);
    this.addSql(`alter table "suspensions" add constraint "suspensions_promise_check" check ((promised_until is null or resolution = 'payment_promised') and (resolution <> 'payment_promised' or promised_until is not null))`);
    this.addSql(`alter table "suspensions" add constraint "suspensions_promise_outcome_check" check ((promise_kept_at is null and promise_broken_at is null) or (promised_until is not null and (promise_kept_at is null or promise_broken_at is null)))`);
    this.addSql(`alter table "suspensions" add constraint "suspensions_resolution_check" check ("resolution" in ('resolved', 'paid', 'payment_promised', 'withdrawn', 'false_alarm', 'ended'))`);
    this.addSql(`create constraint trigger "suspensions_consistent" after insert or update on "suspensions" deferrable initially deferred for each row execute function check_tenant_state('tenant_id')`);
    this.addSql(`create or replace function "invitations_invitations_address_fn"() returns trigger as $$ begin if tg_op = 'DELETE' then delete from tenant_addresses where tenant_id = old.tenant_id and source_id = old.id; return null; end if; if tg_op = 'UPDATE' then if new.email_key is not distinct from old.email_key and (new.accepted_at is null and new.expired_at is null) = (old.accepted_at is null and old.expired_at is null) then return null; end if; end if; if new.email_key is not null and new.accepted_at is null and new.expired_at is null then insert into tenant_addresses (tenant_id, source_id, email_key, domain) values (new.tenant_id, new.id, new.email_key, split_part(new.email_key, '@', 2)) on conflict (tenant_id, source_id) do update set email_key = excluded.email_key, domain = excluded.domain; elsif tg_op = 'UPDATE' then delete from tenant_addresses where tenant_id = new.tenant_id and source_id = new.id; end if; return null; end; $$ language plpgsql`);
    this.addSql(`create trigger "invitations_address" AFTER INSERT OR UPDATE OR DELETE on "invitations" for each ROW execute function "invitations_invitations_address_fn"()`);
    this.addSql(`create or replace function "users_users_address_fn"() returns trigger as $$ begin if tg_op = 'DELETE' then delete from tenant_addresses where tenant_id = old.tenant_id and source_id = old.id; return null; end if; if tg_op = 'UPDATE' then if new.email_key is not distinct from old.email_key and (new.removed_at is null) = (old.removed_at is null) then return null; end if; end if; if new.email_key is not null and new.removed_at is null then insert into tenant_addresses (tenant_id, source_id, email_key, domain) values (new.tenant_id, new.id, new.email_key, split_part(new.email_key, '@', 2)) on conflict (tenant_id, source_id) do update set email_key = excluded.email_key, domain = excluded.domain; elsif tg_op = 'UPDATE' then delete from tenant_addresses where tenant_id = new.tenant_id and source_id = new.id; end if; return null; end; $$ language plpgsql`);
    this.addSql(`create trigger "users_address" AFTER INSERT OR UPDATE OR DELETE on "users" for each ROW execute function "users_users_address_fn"()`);
    this.addSql(`alter table "approvals" add constraint "approvals_two_people_check" check (decided_by_key is null or decided_by_key <> requested_by_key or broken_glass or state = 'rejected')`);
    this.addSql(`alter table "approvals" add constraint "approvals_review_check" check (reviewed_by_key is null or (broken_glass and reviewed_by_key <> requested_by_key))`);
    this.addSql(`alter table "approvals" add constraint "approvals_decided_check" check ((state <> 'approved' and state <> 'rejected') or (decided_at is not null and decided_by_key is not null))`);
    this.addSql(`alter table "approvals" add constraint "approvals_state_check" check ("state" in ('pending', 'approved', 'rejected', 'expired', 'failed'))`);
    this.addSql(`create or replace function "approvals_approvals_tenant_fn"() returns trigger as $$ begin if new.tenant_id <> '00000000-0000-0000-0000-000000000000'::uuid then perform 1 from tenants where id = new.tenant_id for key share; if not found then raise exception 'no such tenant' using errcode = 'insufficient_privilege'; end if; end if; return new; end; $$ language plpgsql`);
    this.addSql(`create trigger "approvals_tenant" BEFORE INSERT on "approvals" for each ROW execute function "approvals_approvals_tenant_fn"()`);
    this.addSql(`alter table "approvals" enable row level security`);
    this.addSql(`alter table "approvals" force row level security`);
    this.addSql(`create policy "tenant_rows" on "approvals" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "approvals" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`create policy "control_rows" on "approvals" to "tenantry_control" using (true) with check (true)`);
    this.addSql(`alter table "notifications" add constraint "notifications_recipient_kind_check" check ("recipient_kind" in ('user', 'invitation', 'operator', 'person', 'address'))`);
    this.addSql(`create or replace function "notifications_notifications_tenant_fn"() returns trigger as $$ begin if new.tenant_id <> '00000000-0000-0000-0000-000000000000'::uuid then perform 1 from tenants where id = new.tenant_id for key share; if not found then raise exception 'no such tenant' using errcode = 'insufficient_privilege'; end if; end if; return new; end; $$ language plpgsql`);
    this.addSql(`create trigger "notifications_tenant" BEFORE INSERT on "notifications" for each ROW execute function "notifications_notifications_tenant_fn"()`);
    this.addSql(`alter table "notifications" enable row level security`);
    this.addSql(`alter table "notifications" force row level security`);
    this.addSql(`create policy "tenant_rows" on "notifications" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "notifications" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`create policy "control_rows" on "notifications" to "tenantry_control" using ((tenant_id = '00000000-0000-0000-0000-000000000000'::uuid)) with check ((tenant_id = '00000000-0000-0000-0000-000000000000'::uuid))`);
    this.addSql(`alter table "plan_policies" add constraint "plan_policies_plan_check" check ("plan" in ('free', 'starter', 'professional', 'enterprise'))`);
    this.addSql(`alter table "tasks" add constraint "tasks_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id")`);
    this.addSql(`alter table "tasks" add constraint "tasks_done_check" check ((done_at is null) = (done_by_kind is null))`);
    this.addSql(`alter table "tasks" add constraint "tasks_kind_check" check ("kind" in ('suspension_review', 'offboarding_review', 'closing_communications', 'closing_billing', 'closing_tickets'))`);
    this.addSql(`alter table "tasks" add constraint "tasks_priority_check" check ("priority" in ('P0', 'P1', 'P2'))`);
    this.addSql(`alter table "tasks" add constraint "tasks_owner_role_check" check ("owner_role" in ('customer_success', 'engineering', 'billing', 'read_only'))`);
    this.addSql(`alter table "tasks" add constraint "tasks_backup_role_check" check ("backup_role" in ('customer_success', 'engineering', 'billing', 'read_only'))`);
    this.addSql(`alter table "tasks" enable row level security`);
    this.addSql(`alter table "tasks" force row level security`);
    this.addSql(`create policy "tenant_rows" on "tasks" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "tasks" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`create policy "control_rows" on "tasks" to "tenantry_control" using (true) with check (true)`);
    this.addSql(`alter table "offboardings" add constraint "offboardings_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id")`);
    this.addSql(`alter table "offboardings" add constraint "offboardings_executed_check" check ((phase <> 'executed' and phase <> 'purging') or (executed_at is not null and purge_due_at is not null and status_before is not null))`);
    this.addSql(`alter table "offboardings" add constraint "offboardings_claimed_check" check ((phase = 'purging') = (claimed_at is not null))`);
    this.addSql(`alter table "offboardings" add constraint "offboardings_cancelled_check" check ((phase = 'cancelled') = (cancelled_at is not null and cancelled_by_kind is not null))`);
    this.addSql(`alter table "offboardings" add constraint "offboardings_trigger_check" check ("trigger" in ('customer_request', 'contract_end', 'non_payment', 'terms_violation'))`);
    this.addSql(`alter table "offboardings" add constraint "offboardings_phase_check" check ("phase" in ('scheduled', 'executed', 'purging', 'cancelled'))`);
    this.addSql(`alter table "offboardings" add constraint "offboardings_status_before_check" check ("status_before" in ('onboarding', 'trial', 'active', 'suspended', 'offboarded'))`);
    this.addSql(`alter table "offboardings" add constraint "offboardings_living_before_check" check ("living_before" in ('onboarding', 'trial', 'active'))`);
    this.addSql(`create constraint trigger "offboardings_consistent" after insert or update on "offboardings" deferrable initially deferred for each row execute function check_tenant_state('tenant_id')`);
    this.addSql(`alter table "offboardings" enable row level security`);
    this.addSql(`alter table "offboardings" force row level security`);
    this.addSql(`create policy "tenant_rows" on "offboardings" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "offboardings" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`alter table "legal_holds" add constraint "legal_holds_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id")`);
    this.addSql(`alter table "legal_holds" add constraint "legal_holds_released_check" check ((released_at is null) = (released_by_kind is null))`);
    this.addSql(`alter table "legal_holds" enable row level security`);
    this.addSql(`alter table "legal_holds" force row level security`);
    this.addSql(`create policy "tenant_rows" on "legal_holds" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "legal_holds" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`alter table "customer_records" add constraint "customer_records_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id") on update cascade on delete cascade`);
    this.addSql(`alter table "customer_records" enable row level security`);
    this.addSql(`alter table "customer_records" force row level security`);
    this.addSql(`create policy "tenant_rows" on "customer_records" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "customer_records" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`alter table "customer_notes" add constraint "customer_notes_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id")`);
    this.addSql(`alter table "customer_notes" enable row level security`);
    this.addSql(`alter table "customer_notes" force row level security`);
    this.addSql(`create policy "tenant_rows" on "customer_notes" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "customer_notes" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`alter table "tenant_activity" add constraint "tenant_activity_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id") on update cascade on delete cascade`);
    this.addSql(`alter table "tenant_activity" enable row level security`);
    this.addSql(`alter table "tenant_activity" force row level security`);
    this.addSql(`create policy "tenant_rows" on "tenant_activity" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "tenant_activity" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`create policy "control_rows" on "tenant_activity" to "tenantry_control" using (true) with check (true)`);
    this.addSql(`alter table "tenant_addresses" add constraint "tenant_addresses_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id")`);
    this.addSql(`alter table "tenant_addresses" enable row level security`);
    this.addSql(`alter table "tenant_addresses" force row level security`);
    this.addSql(`create policy "tenant_rows" on "tenant_addresses" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "tenant_addresses" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`create policy "control_rows" on "tenant_addresses" to "tenantry_control" using (true) with check (true)`);
    this.addSql(`alter table "tombstones" add constraint "tombstones_certified_check" check ((state = 'certified') = (certificate is not null) and (state = 'certified') = (certified_at is not null))`);
    this.addSql(`alter table "tombstones" add constraint "tombstones_state_check" check ("state" in ('claimed', 'deleting', 'verifying', 'certified'))`);
    this.addSql(`alter table "webhook_deliveries" add constraint "webhook_deliveries_state_check" check ("state" in ('pending', 'delivered', 'failed'))`);
    this.addSql(`create or replace function "webhook_deliveries_webhook_deliveries_tenant_fn"() returns trigger as $$ begin if new.tenant_id <> '00000000-0000-0000-0000-000000000000'::uuid then perform 1 from tenants where id = new.tenant_id for key share; if not found then raise exception 'no such tenant' using errcode = 'insufficient_privilege'; end if; end if; return new; end; $$ language plpgsql`);
    this.addSql(`create trigger "webhook_deliveries_tenant" BEFORE INSERT on "webhook_deliveries" for each ROW execute function "webhook_deliveries_webhook_deliveries_tenant_fn"()`);
    this.addSql(`alter table "webhook_deliveries" enable row level security`);
    this.addSql(`alter table "webhook_deliveries" force row level security`);
    this.addSql(`create policy "tenant_rows" on "webhook_deliveries" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "webhook_deliveries" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`create policy "control_rows" on "webhook_deliveries" to "tenantry_control" using (true) with check (true)`);
    this.addSql(`create or replace function "webhook_endpoints_webhook_endpoints_tenant_fn"() returns trigger as $$ begin if new.tenant_id <> '00000000-0000-0000-0000-000000000000'::uuid then perform 1 from tenants where id = new.tenant_id for key share; if not found then raise exception 'no such tenant' using errcode = 'insufficient_privilege'; end if; end if; return new; end; $$ language plpgsql`);
    this.addSql(`create trigger "webhook_endpoints_tenant" BEFORE INSERT on "webhook_endpoints" for each ROW execute function "webhook_endpoints_webhook_endpoints_tenant_fn"()`);
    this.addSql(`alter table "webhook_endpoints" enable row level security`);
    this.addSql(`alter table "webhook_endpoints" force row level security`);
    this.addSql(`create policy "tenant_rows" on "webhook_endpoints" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "webhook_endpoints" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`create policy "control_rows" on "webhook_endpoints" to "tenantry_control" using ((tenant_id = '00000000-0000-0000-0000-000000000000'::uuid)) with check ((tenant_id = '00000000-0000-0000-0000-000000000000'::uuid))`);
    this.addSql(`alter table tenants no force row level security`);
    this.addSql(`alter table users no force row level security`);
    this.addSql(`alter table invitations no force row level security`);
    this.addSql(`alter table tenant_addresses no force row level security`);
    this.addSql(`insert into taken_slugs (hash) select encode(sha256(convert_to(slug, 'UTF8')), 'hex') from tenants`);
    this.addSql(`insert into tenant_addresses (tenant_id, source_id, email_key, domain) select tenant_id, id, email_key, split_part(email_key, '@', 2) from users where email_key is not null and removed_at is null union all select tenant_id, id, email_key, split_part(email_key, '@', 2) from invitations where accepted_at is null and expired_at is null`);
    this.addSql(`alter table tenants force row level security`);
    this.addSql(`alter table users force row level security`);
    this.addSql(`alter table invitations force row level security`);
    this.addSql(`alter table tenant_addresses force row level security`);
  }
}
