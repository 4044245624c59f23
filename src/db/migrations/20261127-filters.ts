import { Migration } from '@mikro-orm/migrations';

/** What a directory sorts and filters by, and where the pages of its lists begin: lost in a crash, and no loss. */
export class Migration20261127Filters extends Migration {
  override up(): void {
    this.addSql(`create unlogged table "list_bookmarks" ("tenant_id" uuid not null, "token_id" uuid not null, "query" text not null, "start_index" int not null, "position" text not null, "total" int not null, "counted_at" timestamptz not null, "expires_at" timestamptz not null, primary key ("tenant_id", "token_id", "query", "start_index"))`);
    this.addSql(`create index "users_updated_index" on "users" ("tenant_id", "updated_at", "id")`);
    this.addSql(`create index "users_inactive_index" on "users" ("tenant_id", "created_at", "id") where not active and removed_at is null`);
    this.addSql(`alter table "list_bookmarks" add constraint "list_bookmarks_tenant_id_foreign" foreign key ("tenant_id") references "tenants" ("id")`);
    this.addSql(`alter table "list_bookmarks" enable row level security`);
    this.addSql(`alter table "list_bookmarks" force row level security`);
    this.addSql(`create policy "tenant_rows" on "list_bookmarks" to "tenantry_tenant", "tenantry_purge" using (true) with check (true)`);
    this.addSql(`create policy "tenant_guard" on "list_bookmarks" as restrictive to "tenantry_tenant", "tenantry_purge" using ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting))) with check ((tenant_id = ( SELECT (current_setting('app.tenant_id'::text))::uuid AS current_setting)))`);
  }
}
