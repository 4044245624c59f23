import { tableClasses, type TableClass } from '../catalogue.ts';
import { controlRole, purgeRole, tenantRole } from '../policies.ts';

/** What each run-time role may do with a table of each class; row policies bind it further. */
const privileges: Record<TableClass, { tenant?: string; control?: string; purge?: string }> = {
  tenant: { tenant: 'select, update', control: 'select, insert, update', purge: 'select, update, delete' },
  tenant_owned: { tenant: 'select, insert, update, delete', purge: 'select, delete' },
  routing: {
    tenant: 'select, insert, update, delete',
    control: 'select, insert, update, delete',
    purge: 'select, delete',
  },
  append_only: { tenant: 'select, insert', control: 'select, insert', purge: 'select, delete' },
  tenant_or_none: {
    tenant: 'select, insert, update, delete',
    control: 'select, insert, update, delete',
    purge: 'select, delete',
  },
  person: { control: 'select, insert, update, delete' },
  control_plane: { control: 'select, insert, update, delete' },
  published: { tenant: 'select', control: 'select, insert, update, delete', purge: 'select' },
  retained: { control: 'select, insert, update', purge: 'select, update' },
  counters: { control: 'select, insert, update, delete' },
};

/** The statements that give the run-time roles exactly what the catalogue says, and nothing else. */
export function grantStatements(schema = 'public'): string[] {
  const roles = [tenantRole, controlRole, purgeRole];
  const reset = [
    `grant usage on schema ${schema} to ${roles.join(', ')}`,
    `revoke all on all tables in schema ${schema} from ${roles.join(', ')}`,
  ];
  const given = [...tableClasses].flatMap(([table, tableClass]) => {
    const { tenant, control, purge } = privileges[tableClass];
    return [
      tenant && `grant ${tenant} on ${schema}.${table} to ${tenantRole}`,
      control && `grant ${control} on ${schema}.${table} to ${controlRole}`,
      purge && `grant ${purge} on ${schema}.${table} to ${purgeRole}`,
    ].filter((statement) => statement !== undefined);
  });
  const numbers = `grant usage on all sequences in schema ${schema} to ${tenantRole}, ${controlRole}`;
  return [...reset, ...given, numbers];
}
