import { Migration } from '@mikro-orm/migrations';

/** Plans, limits and money: versions and overrides, places that the database counts, files, billing, availability. */
export class Migration20261126Plans extends Migration {
  override up(): void {
    this.addSql(`create function require_place() returns trigger as $$
      declare
        place text := case tg_table_name when 'projects' then 'projects' else 'users' end;
        allowed bigint;
        used bigint;
      begin
        if tg_table_name = 'users' then
          if not new.active or new.removed_at is not null then return null; end if;
          if tg_op = 'UPDATE' then if old.active and old.removed_at is null then return null; end if; end if;
        elsif tg_table_name = 'invitations' then
          if new.accepted_at is not null or new.expired_at is not null then return null; end if;
          if tg_op = 'UPDATE' then if old.accepted_at is null and old.expired_at is null then return null; end if; end if;
        elsif tg_op = 'UPDATE' then
          return null;
        end if;
        select case place when 'users' then limit_users else limit_projects end into allowed from tenants where id = new.tenant_id;
        -- An unlimited tenant pays nothing: it is neither locked nor counted.
        if allowed is null then return null; end if;
        -- One at a time, and by the limit as it is now.
        select case place when 'users' then limit_users else limit_projects end into allowed from tenants where id = new.tenant_id for no key update;
        if place = 'users' then
          select (select count(*) from users where tenant_id = new.tenant_id and active and removed_at is null)
            + (select count(*) from invitations where tenant_id = new.tenant_id and accepted_at is null and expired_at is null) into used;
        else
          select count(*) from projects where tenant_id = new.tenant_id into used;
        end if;
        if used > allowed then
          raise exception 'the limit of % is reached', place using errcode = 'TL001',
            detail = json_build_object('limit', place, 'allowed', allowed, 'used', used - 1)::text;
        end if;
        return null;
      end;
      $$ language plpgsql`);
    this.addSql(`create function count_storage() returns trigger as $$
      declare
        tenant uuid := case tg_op when 'DELETE' then old.tenant_id else new.tenant_id end;
        more bigint := case tg_op when 'DELETE' then -old.bytes when 'INSERT' then new.bytes else new.bytes - old.bytes end;
        more_files int := case tg_op when 'DELETE' then -1 when 'INSERT' then 1 else 0 end;
        allowed bigint;
        used bigint;
      begin
        -- A purge deletes what is counted and the count.
        if current_user = 'tenantry_purge' then return null; end if;
        select limit_storage_bytes into allowed from tenants where id = tenant;
        if allowed is null then return null; end if;
        update storage_usage set bytes = bytes + more, files = files + more_files where tenant_id = tenant returning bytes into used;
        if not found then
          insert into storage_usage (tenant_id, bytes, files)
            select tenant, coalesce(sum(bytes), 0), count(*) from project_files where tenant_id = tenant
            on conflict (tenant_id) do update set bytes = storage_usage.bytes + more, files = storage_usage.files + more_files
            returning bytes into used;
        end if;
        if more > 0 and used > allowed then
          raise exception 'the limit of stored bytes is reached' using errcode = 'TL001',
            detail = json_build_object('limit', 'storageBytes', 'allowed', allowed, 'used', used - more)::text;
        end if;
        return null;
      end;
      $$ language plpgsql`);
    this.addSql(`create table "billing_cursors" ("name" text not null, "cursor" text null, "read_at" timestamptz not null, primary key ("name"))`);
    this.addSql(`create table "billing_events" ("id" text not null, "type" text not null, "customer_id" text null, "subscription_id" text null, "object_id" text null, "created_at" timestamptz not null, "received_at" timestamptz not null, "via" text not null, "state" text not null default 'received', "attempts" int not null default 0, "next_attempt_at" timestamptz null, "settled_at" timestamptz null, "error" text null, primary key ("id"))`);
    this.addSql(`create index "billing_events_waiting_index" on "billing_events" ("next_attempt_at") where state = 'received'`);
    this.addSql(`create index "billing_events_received_index" on "billing_events" ("received_at")`);
    this.addSql(`create table "service_minutes" ("minute" timestamptz not null, "beats" int not null default 0, "requests" bigint not null default '0', "server_errors" bigint not null default '0', primary key ("minute"))`);
    this.addSql(`create table "storage_usage" ("tenant_id" uuid not null, "bytes" bigint not null default '0', "files" bigint not null default '0', primary key ("tenant_id"))`);
    this.addSql(`create table "scheduled_plan_changes" ("tenant_id" uuid not null, "plan" text not null, "interval" text null, "due_at" timestamptz not null, "requested_at" timestamptz not null, "by_kind" text not null, "by_id" uuid null, "note" text null, primary key ("tenant_id"))`);
    this.addSql(`create table "project_files" ("tenant_id" uuid not null, "id" uuid not null, "project_id" uuid not null, "name" text not null, "bytes" bigint not null, "sha256" text not null, "content_type" text not null, "key_sealed" text not null, "created_at" timestamptz not null, "updated_at" timestamptz not null, "by_kind" text not null, "by_id" uuid null, primary key ("tenant_id", "id"))`);
    this.addSql(`alter table "project_files" add constraint "project_files_name_unique" unique ("tenant_id", "project_id", "name")`);
    this.addSql(`create table "plan_requests" ("tenant_id" uuid not null, "id" uuid not null, "plan" text not null, "note" text null, "state" text not null default 'open', "requested_at" timestamptz not null, "requested_by_id" uuid not null, "decided_at" timestamptz null, "decided_by_kind" text null, "decided_by_id" uuid null, "decision_note" text null, primary key ("tenant_id", "id"))`);
    this.addSql(`create index "plan_requests_state_index" on "plan_requests" ("state", "id")`);
    this.addSql(`create unique index "plan_requests_open_unique" on "plan_requests" ("tenant_id") where state = 'open'`);
    this.addSql(`create table "billing_accounts" ("tenant_id" uuid not null, "provider" text not null, "customer_id" text null, "subscription_id" text null, "subscription_status" text null, "plan" text null, "interval" text null, "currency" text null, "anchor_at" timestamptz null, "period_start" timestamptz null, "period_end" timestamptz null, "cancel_at" timestamptz null, "cancelled_at" timestamptz null, "paid_until" timestamptz null, "read_at" timestamptz null, "dunning_since" timestamptz null, "unpaid_invoice" text null, "created_at" timestamptz not null, "updated_at" timestamptz not null, primary key ("tenant_id"))`);
    this.addSql(`alter table "billing_accounts" add constraint "billing_accounts_customer_unique" unique ("customer_id")`);
    this.addSql(`alter table "billing_accounts" add constraint "billing_accounts_subscription_unique" unique ("subscription_id")`);
    this.addSql(`create table "usage_marks" ("tenant_id" uuid not null, "limit_name" text not null, "percent" int not null, "crossed_at" timestamptz not null, primary key ("tenant_id", "limit_name", "percent"))`);
    this.addSql(`create table "used_trials" ("key_hash" text not null, "used_at" timestamptz not null, primary key ("key_hash"))`);
    this.addSql(`alter table "tenants" add "plan_version" int not null default 1, add "plan_overrides" jsonb null, add "limit_users" int null, add "limit_projects" int null, add "limit_storage_bytes" bigint null, add "limit_api_calls" int null, add "over_limit_until" timestamptz null, add "trial_key_hash" text null, add "plan_before_trial" text null`);
    this.addSql(`alter table "tenants" add constraint "tenants_plan_before_trial_check" check ("plan_before_trial" in ('free', 'starter', 'professional', 'enterprise'))`);
    this.addSql(`create trigger "projects_place" after insert or update on "projects" for each row execute function require_place()`);
    this.addSql(`alter table "plan_changes" add "from_version" int not null default 1, add "to_version" int not null default 1`);
    this.addSql(`alter table "invitations" add "revoked_at" timestamptz null`);
    this.addSql(`alter table "invitations" add constraint "invitations_revoked_check" check (revoked_at is null or expired_at is not null)`);
    this.addSql(`create trigger "invitations_place" after insert or update on "invitations" for each row execute function require_place()`);
    this.addSql(`create trigger "users_place" after insert or update on "users" for each row execute function require_place()`);
    this.addSql(`alter table "user_tokens" drop constraint "user_tokens_kind_check"`);
    this.addSql(`alter table "user_tokens" add constraint "user_tokens_kind_check" check ("kind" in ('verify_email', 'exchange', 'set_up_password'))`);
    this.addSql(`alter table "billing_events" add constraint "billing_events_settled_check" check ((state = 'received') = (settled_at is null))`);
    this.addSql(`alter table "billing_events" add constraint "billing_events_via_check" check ("via" in ('webhook', 'reconciler'))`);
    this.addSql(`alter table "billing_events" add constraint "billing_events_state_check" check ("state" in ('received', 'processed', 'ignored', 'failed'))`);
    this.addSql(`alter table "storage_usage" add constraint "storage_usage_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id") on update cascade on delete cascade`);
    this.addSql(`alter table "storage_usage" add constraint "storage_usage_check" check (bytes >= 0 and files >= 0)`);
    this.addSql(`alter table "storage_usage" enable row level security`);
    this.addSql(`alter table "storage_usage" force row level security`);
    this.addSql(`create policy "tenant_rows" on "storage_usage" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "storage_usage" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`alter table "scheduled_plan_changes" add constraint "scheduled_plan_changes_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id") on update cascade on delete cascade`);
    this.addSql(`alter table "scheduled_plan_changes" add constraint "scheduled_plan_changes_plan_check" check ("plan" in ('free', 'starter', 'professional', 'enterprise'))`);
    this.addSql(`alter table "scheduled_plan_changes" add constraint "scheduled_plan_changes_interval_check" check ("interval" in ('month', 'year'))`);
    this.addSql(`alter table "scheduled_plan_changes" enable row level security`);
    this.addSql(`alter table "scheduled_plan_changes" force row level security`);
    this.addSql(`create policy "tenant_rows" on "scheduled_plan_changes" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "scheduled_plan_changes" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`alter table "project_files" add constraint "project_files_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id")`);
    this.addSql(`alter table "project_files" add constraint "project_files_tenant_id_project_id_foreign" foreign key ("tenant_id", "project_id") references "projects" ("tenant_id", "id") on update cascade on delete cascade`);
    this.addSql(`alter table "project_files" add constraint "project_files_bytes_check" check (bytes >= 0)`);
    this.addSql(`create trigger "project_files_storage" after insert or update or delete on "project_files" for each row execute function count_storage()`);
    this.addSql(`alter table "project_files" enable row level security`);
    this.addSql(`alter table "project_files" force row level security`);
    this.addSql(`create policy "tenant_rows" on "project_files" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "project_files" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`alter table "plan_requests" add constraint "plan_requests_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id") on delete cascade`);
    this.addSql(`alter table "plan_requests" add constraint "plan_requests_decided_check" check ((state = 'open') = (decided_at is null))`);
    this.addSql(`alter table "plan_requests" add constraint "plan_requests_decider_check" check ((decided_at is null) = (decided_by_kind is null))`);
    this.addSql(`alter table "plan_requests" add constraint "plan_requests_plan_check" check ("plan" in ('free', 'starter', 'professional', 'enterprise'))`);
    this.addSql(`alter table "plan_requests" add constraint "plan_requests_state_check" check ("state" in ('open', 'approved', 'rejected', 'withdrawn'))`);
    this.addSql(`alter table "plan_requests" enable row level security`);
    this.addSql(`alter table "plan_requests" force row level security`);
    this.addSql(`create policy "tenant_rows" on "plan_requests" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "plan_requests" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`create policy "control_rows" on "plan_requests" to "tenantry_control" using (true) with check (true)`);
    this.addSql(`alter table "billing_accounts" add constraint "billing_accounts_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id") on update cascade on delete cascade`);
    this.addSql(`alter table "billing_accounts" add constraint "billing_accounts_manual_check" check (provider <> 'manual' or (customer_id is null and subscription_id is null))`);
    this.addSql(`alter table "billing_accounts" add constraint "billing_accounts_dunning_check" check (unpaid_invoice is null or dunning_since is not null)`);
    this.addSql(`alter table "billing_accounts" add constraint "billing_accounts_provider_check" check ("provider" in ('stripe', 'manual'))`);
    this.addSql(`alter table "billing_accounts" add constraint "billing_accounts_plan_check" check ("plan" in ('free', 'starter', 'professional', 'enterprise'))`);
    this.addSql(`alter table "billing_accounts" add constraint "billing_accounts_interval_check" check ("interval" in ('month', 'year'))`);
    this.addSql(`alter table "billing_accounts" add constraint "billing_accounts_currency_check" check ("currency" in ('eur', 'usd'))`);
    this.addSql(`alter table "billing_accounts" enable row level security`);
    this.addSql(`alter table "billing_accounts" force row level security`);
    this.addSql(`create policy "tenant_rows" on "billing_accounts" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "billing_accounts" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`create policy "control_rows" on "billing_accounts" to "tenantry_control" using (true) with check (true)`);
    this.addSql(`alter table "usage_marks" add constraint "usage_marks_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id") on delete cascade`);
    this.addSql(`alter table "usage_marks" add constraint "usage_marks_limit_name_check" check ("limit_name" in ('users', 'projects', 'storageBytes', 'apiCalls'))`);
    this.addSql(`alter table "usage_marks" enable row level security`);
    this.addSql(`alter table "usage_marks" force row level security`);
    this.addSql(`create policy "tenant_rows" on "usage_marks" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "usage_marks" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    // Calls counted by tenants: written often, worth nothing after a crash. Every page has room for its rows to grow
    // and be rewritten, so that an update stays on its page and touches no index.
    this.addSql(`create unlogged table "api_budgets" ("key" bytea not null primary key, "moments" timestamptz[] not null default '{}', "calls" integer[] not null default '{}') with (fillfactor = 15)`);
    this.addSql(`create function take_api_calls(budget bytea, allowed integer, wanted integer, fewest integer, asked_at timestamptz default null) returns jsonb as $$
      declare
        -- Of every half minute in which there were calls: when the last one was, and how many there were.
        last_calls timestamptz[];
        counts integer[];
        size integer;
        moment timestamptz;
        aged integer := 0;
        used integer := 0;
        granted integer := 0;
        missing integer;
        fits_at timestamptz;
      begin
        loop
          select b.moments, b.calls into last_calls, counts from api_budgets b where b.key = budget for no key update;
          exit when found;
          insert into api_budgets (key) values (budget) on conflict do nothing;
        end loop;
        size := cardinality(counts);
        -- Read with the row in hand; a clock that was set back makes nothing younger.
        moment := greatest(coalesce(asked_at, clock_timestamp()), last_calls[size]);
        for i in 1 .. size loop
          if last_calls[i] <= moment - interval '15 minutes' then aged := i; else used := used + counts[i]; end if;
        end loop;
        last_calls := last_calls[aged + 1:];
        counts := counts[aged + 1:];
        size := size - aged;
        if allowed - used >= fewest then
          granted := least(wanted, allowed - used);
          used := used + granted;
          if size > 0 and date_bin('30 seconds', last_calls[size], 'epoch') = date_bin('30 seconds', moment, 'epoch') then
            last_calls[size] := moment;
            counts[size] := counts[size] + granted;
          else
            last_calls := last_calls || moment;
            counts := counts || granted;
          end if;
          update api_budgets b set moments = last_calls, calls = counts where b.key = budget;
        end if;
        if granted < wanted then
          missing := used + fewest - allowed;
          for i in 1 .. cardinality(counts) loop
            missing := missing - counts[i];
            if missing <= 0 then fits_at := last_calls[i] + interval '15 minutes'; exit; end if;
          end loop;
        end if;
        return jsonb_build_object('granted', granted, 'used', used,
          'frees', extract(epoch from last_calls[1] + interval '15 minutes' - moment),
          'wait', extract(epoch from fits_at - moment));
      end $$ language plpgsql`);
    this.addSql(`alter table "tasks" drop constraint "tasks_kind_check"`);
    this.addSql(`alter table "tasks" add constraint "tasks_kind_check" check ("kind" in ('suspension_review', 'offboarding_review', 'closing_communications', 'closing_billing', 'closing_tickets', 'storage_review', 'billing_review', 'plan_review'))`);
    this.addSql(`alter table tenants no force row level security`);
    this.addSql(`update tenants set
      limit_users = case plan when 'free' then 5 when 'starter' then 20 when 'professional' then 100 end,
      limit_projects = case plan when 'free' then 10 when 'starter' then 50 when 'professional' then 200 end,
      limit_storage_bytes = case plan when 'free' then 100000000 when 'starter' then 1000000000 when 'professional' then 10000000000 else 100000000000 end,
      limit_api_calls = case plan when 'free' then 100 when 'starter' then 500 when 'professional' then 2000 else 10000 end,
      settings = settings || '{"sessionDays": 30}'`);
    this.addSql(`alter table tenants force row level security`);
  }
}
