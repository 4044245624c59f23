-- What an administrator runs once on a PostgreSQL server (15 or newer) before the service first starts there.
-- Replace the passwords. Run as a superuser, for instance: psql -f docs/postgres-roles.sql

-- The three run-time roles: they log in nowhere, own nothing, and row-level security binds them.
create role tenantry_tenant nologin noinherit;
create role tenantry_control nologin noinherit;
create role tenantry_purge nologin noinherit;

-- The owner migrates (MIGRATION_DATABASE_URL); the service runs as the plain role (DATABASE_URL).
create role tenantry_owner login noinherit password 'tenantry-owner';
create role tenantry_app login noinherit password 'tenantry-app';
grant tenantry_tenant, tenantry_control, tenantry_purge to tenantry_app;

create database tenantry owner tenantry_owner;
