import { Migration } from '@mikro-orm/migrations';

/** When and by whom a user lost its access, and the watch over a directory that takes many. */
export class Migration20261127Deprovisioning extends Migration {
  override up(): void {
    this.addSql(`create table "directory_watches" ("tenant_id" uuid not null, "counted_at" timestamptz not null, "people" int not null, "alarm_id" uuid null, "raised_at" timestamptz null, "first_loss_at" timestamptz null, "last_loss_at" timestamptz null, primary key ("tenant_id"))`);
    this.addSql(`alter table "directory_watches" add constraint "directory_watches_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id") on update cascade on delete cascade`);
    this.addSql(`alter table "directory_watches" enable row level security`);
    this.addSql(`alter table "directory_watches" force row level security`);
    this.addSql(`create policy "tenant_rows" on "directory_watches" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "directory_watches" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`alter table "users" add "deactivated_at" timestamptz null, add "deactivated_by" text null`);
    this.addSql(`create index "users_deprovisioned_index" on "users" ("tenant_id", "deactivated_at") where deactivated_by is not null`);
    this.addSql(`create index "users_removed_index" on "users" ("tenant_id", "removed_at") where removed_at is not null`);
    this.addSql(`create index "users_tombstone_index" on "users" ("tenant_id", "external_id") where removed_at is not null`);
    this.addSql(`alter table "users" add constraint "users_deactivated_check" check (deactivated_at is null or not active)`);
    this.addSql(`alter table "users" add constraint "users_deactivator_check" check (deactivated_by is null or deactivated_at is not null)`);
    this.addSql(`alter table "users" add constraint "users_deactivated_by_check" check ("deactivated_by" in ('directory', 'group'))`);
    this.addSql(`alter table "tasks" drop constraint "tasks_kind_check"`);
    this.addSql(`alter table "tasks" add constraint "tasks_kind_check" check ("kind" in ('suspension_review', 'offboarding_review', 'closing_communications', 'closing_billing', 'closing_tickets', 'storage_review', 'billing_review', 'plan_review', 'directory_review'))`);
  }
}
