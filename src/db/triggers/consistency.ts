import type { TriggerDef } from '@mikro-orm/core';

/**
 * The check, when a transaction commits, that a tenant's status says what its suspensions and its offboarding say.
 * The function is made by the migration.
 */
export function consistentState(table: string, tenantColumn: 'id' | 'tenant_id'): TriggerDef {
  return {
    name: `${table}_consistent`,
    timing: 'after',
    events: ['insert', 'update'],
    expression: `create constraint trigger "${table}_consistent" after insert or update on "${table}" deferrable initially deferred for each row execute function check_tenant_state('${tenantColumn}')`,
  };
}
