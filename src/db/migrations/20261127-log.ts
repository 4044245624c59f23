import { Migration } from '@mikro-orm/migrations';

/** The provisioning log: what each request of a tenant's directory was, and what became of it. */
export class Migration20261127Log extends Migration {
  override up(): void {
    this.addSql(`create table "scim_requests" ("tenant_id" uuid not null, "id" uuid not null, "at" timestamptz not null, "times" int not null default 1, "token_id" uuid null, "client" text null, "request_id" text not null, "method" text not null, "path" text not null, "status" int not null, "duration_ms" int not null, "resource_id" text null, "normalized" jsonb not null default '[]', "changes" jsonb not null default '[]', "scim_type" text null, "refusal" text null, "sent_sealed" text null, primary key ("tenant_id", "id"))`);
    this.addSql(`create index "scim_requests_token_index" on "scim_requests" ("tenant_id", "token_id", "id")`);
    this.addSql(`create index "scim_requests_resource_index" on "scim_requests" ("tenant_id", "resource_id", "id") where resource_id is not null`);
    this.addSql(`alter table "scim_requests" add constraint "scim_requests_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id")`);
    this.addSql(`alter table "scim_requests" enable row level security`);
    this.addSql(`alter table "scim_requests" force row level security`);
    this.addSql(`create policy "tenant_rows" on "scim_requests" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "scim_requests" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`create policy "control_rows" on "scim_requests" to "tenantry_control" using (true) with check (true)`);
    // Tokens that were issued before their expiry was announced.
    for (const table of ['deadlines', 'scim_tokens', 'tenants'])
      this.addSql(`alter table ${table} no force row level security`);
    this.addSql(`insert into deadlines (tenant_id, kind, subject, due_at, fires_at)
      select k.tenant_id, 'scim_token_notice_' || d.days, k.id::text, k.expires_at - d.days * interval '1 day',
        k.expires_at - d.days * interval '1 day' - t.clock_offset_seconds * interval '1 second'
      from scim_tokens k join tenants t on t.id = k.tenant_id cross join (values (30), (7), (1)) d (days)
      where k.revoked_at is null
        and k.expires_at - d.days * interval '1 day' > now() + t.clock_offset_seconds * interval '1 second'`);
    for (const table of ['deadlines', 'scim_tokens', 'tenants'])
      this.addSql(`alter table ${table} force row level security`);
  }
}
