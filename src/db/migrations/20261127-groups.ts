import { Migration } from '@mikro-orm/migrations';

/** Groups of a tenant's directory, their members, and the roles and the access they give. */
export class Migration20261127Groups extends Migration {
  override up(): void {
    this.addSql(`create table "groups" ("tenant_id" uuid not null, "id" uuid not null, "display_name" text not null, "display_name_key" text not null, "external_id" text null, "role" text null, "required" boolean not null default false, "version" int not null default 1, "created_at" timestamptz not null, "updated_at" timestamptz not null, primary key ("tenant_id", "id"))`);
    this.addSql(`create index "groups_created_index" on "groups" ("tenant_id", "created_at", "id")`);
    this.addSql(`create index "groups_updated_index" on "groups" ("tenant_id", "updated_at", "id")`);
    this.addSql(`alter table "groups" add constraint "groups_display_name_unique" unique ("tenant_id", "display_name_key")`);
    this.addSql(`alter table "groups" add constraint "groups_external_id_unique" unique ("tenant_id", "external_id")`);
    this.addSql(`create table "group_users" ("tenant_id" uuid not null, "group_id" uuid not null, "user_id" uuid not null, primary key ("tenant_id", "group_id", "user_id"))`);
    this.addSql(`create index "group_users_user_index" on "group_users" ("tenant_id", "user_id")`);
    this.addSql(`create table "group_children" ("tenant_id" uuid not null, "group_id" uuid not null, "child_id" uuid not null, primary key ("tenant_id", "group_id", "child_id"))`);
    this.addSql(`create index "group_children_child_index" on "group_children" ("tenant_id", "child_id")`);
    this.addSql(`create table "removed_memberships" ("tenant_id" uuid not null, "group_id" uuid not null, "user_id" uuid not null, "removed_at" timestamptz not null, primary key ("tenant_id", "group_id", "user_id"))`);
    this.addSql(`create index "removed_memberships_removed_index" on "removed_memberships" ("tenant_id", "removed_at")`);
    this.addSql(`create index "removed_memberships_user_index" on "removed_memberships" ("tenant_id", "user_id")`);
    this.addSql(`alter table "users" add "base_role" text not null default 'member'`);
    this.addSql(`alter table "users" add constraint "users_base_role_check" check ("base_role" in ('owner', 'admin', 'member'))`);
    this.addSql(`alter table "groups" add constraint "groups_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id")`);
    this.addSql(`alter table "groups" add constraint "groups_role_check" check ("role" in ('owner', 'admin', 'member'))`);
    this.addSql(`alter table "groups" enable row level security`);
    this.addSql(`alter table "groups" force row level security`);
    this.addSql(`create policy "tenant_rows" on "groups" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "groups" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`alter table "group_users" add constraint "group_users_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id") on update cascade on delete cascade`);
    this.addSql(`alter table "group_users" add constraint "group_users_tenant_id_group_id_foreign" foreign key ("tenant_id", "group_id") references "groups" ("tenant_id", "id") on update cascade on delete cascade`);
    this.addSql(`alter table "group_users" add constraint "group_users_tenant_id_user_id_foreign" foreign key ("tenant_id", "user_id") references "users" ("tenant_id", "id") on update cascade on delete cascade`);
    this.addSql(`alter table "group_users" enable row level security`);
    this.addSql(`alter table "group_users" force row level security`);
    this.addSql(`create policy "tenant_rows" on "group_users" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "group_users" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`alter table "group_children" add constraint "group_children_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id") on update cascade on delete cascade`);
    this.addSql(`alter table "group_children" add constraint "group_children_tenant_id_group_id_foreign" foreign key ("tenant_id", "group_id") references "groups" ("tenant_id", "id") on update cascade on delete cascade`);
    this.addSql(`alter table "group_children" add constraint "group_children_tenant_id_child_id_foreign" foreign key ("tenant_id", "child_id") references "groups" ("tenant_id", "id") on update cascade on delete cascade`);
    this.addSql(`alter table "group_children" enable row level security`);
    this.addSql(`alter table "group_children" force row level security`);
    this.addSql(`create policy "tenant_rows" on "group_children" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "group_children" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`alter table "removed_memberships" add constraint "removed_memberships_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id") on update cascade on delete cascade`);
    this.addSql(`alter table "removed_memberships" add constraint "removed_memberships_tenant_id_group_id_foreign" foreign key ("tenant_id", "group_id") references "groups" ("tenant_id", "id") on update cascade on delete cascade`);
    this.addSql(`alter table "removed_memberships" add constraint "removed_memberships_tenant_id_user_id_foreign" foreign key ("tenant_id", "user_id") references "users" ("tenant_id", "id") on update cascade on delete cascade`);
    this.addSql(`alter table "removed_memberships" enable row level security`);
    this.addSql(`alter table "removed_memberships" force row level security`);
    this.addSql(`create policy "tenant_rows" on "removed_memberships" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "removed_memberships" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
    this.addSql(`alter table users no force row level security`);
    this.addSql(`update users set base_role = role where role <> 'member'`);
    this.addSql(`alter table users force row level security`);
  }
}
