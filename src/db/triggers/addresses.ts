import type { TriggerDef } from '@mikro-orm/core';

/** Keeps `tenant_addresses` true to the addresses of a table's rows, whoever writes them. `stands` is said of `new`. */
export function keepsAddress(table: string, stands: string): TriggerDef {
  const stood = stands.replaceAll('new.', 'old.');
  return {
    name: `${table}_address`,
    timing: 'after',
    events: ['insert', 'update', 'delete'],
    body: [
      `if tg_op = 'DELETE' then delete from tenant_addresses where tenant_id = old.tenant_id and source_id = old.id; return null; end if;`,
      `if tg_op = 'UPDATE' then if new.email_key is not distinct from old.email_key and (${stands}) = (${stood}) then return null; end if; end if;`,
      `if new.email_key is not null and ${stands} then`,
      `insert into tenant_addresses (tenant_id, source_id, email_key, domain) values (new.tenant_id, new.id, new.email_key, split_part(new.email_key, '@', 2))`,
      `on conflict (tenant_id, source_id) do update set email_key = excluded.email_key, domain = excluded.domain;`,
      `elsif tg_op = 'UPDATE' then delete from tenant_addresses where tenant_id = new.tenant_id and source_id = new.id; end if; return null;`,
    ].join(' '),
  };
}
