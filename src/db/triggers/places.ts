import type { TriggerDef } from '@mikro-orm/core';

/** What PostgreSQL says when a tenant's limit is reached; its detail is JSON: limit, allowed, used. */
export const limitReachedCode = 'TL001';

/**
 * Lets a row that takes a place in only while its tenant has room: an active user, an open invitation, a project. The
 * function is made by the migration; where the tenant has no limit it neither locks nor counts.
 */
export function takesPlace(table: 'users' | 'invitations' | 'projects'): TriggerDef {
  return {
    name: `${table}_place`,
    timing: 'after',
    events: ['insert', 'update'],
    expression: `create trigger "${table}_place" after insert or update on "${table}" for each row execute function require_place()`,
  };
}

/**
 * Keeps a limited tenant's `storage_usage` true to its files, and lets it grow no further than the limit. The function is
 * made by the migration.
 */
export const countsStorage: TriggerDef = {
  name: 'project_files_storage',
  timing: 'after',
  events: ['insert', 'update', 'delete'],
  expression: `create trigger "project_files_storage" after insert or update or delete on "project_files" for each row execute function count_storage()`,
};
