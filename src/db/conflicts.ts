import { z } from 'zod';
import { limitNames } from '../domain/plans/catalogue.ts';
import { Refusal } from '../domain/refusal.ts';
import { tenantChangedCode } from './round-trips/seen-tenant.ts';
import { limitReachedCode } from './triggers/places.ts';

/** What a caller is told when two writes meet on a unique key. The database decides; this only says it. */
const sentences: Readonly<Record<string, string>> = {
  tenants_slug_unique: 'this slug is taken',
  taken_slugs_pkey: 'this slug is taken',
  legal_holds_open_unique: 'a legal hold is placed already',
  offboardings_open_unique: 'this tenant is being offboarded already',
  users_user_name_unique: 'a user with this userName exists',
  users_external_id_unique: 'a user with this externalId exists',
  groups_display_name_unique: 'a group with this displayName exists',
  groups_external_id_unique: 'a group with this externalId exists',
  user_identities_pkey: 'this identity has been bound at this moment',
  operators_email_unique: 'an operator with this e-mail exists',
  invitations_open_unique: 'this address has an open invitation',
};

/** A broken unique key as the refusal `CONFLICT`, a full limit as `PLAN_LIMIT_REACHED`; anything else as it was. */
export function asRefusal(error: unknown): unknown {
  if (codeOf(error) === limitReachedCode) return asLimitReached(error);
  if (codeOf(error) !== '23505') return error;
  const sentence = sentences[constraintOf(error)];
  return sentence ? new Refusal('CONFLICT', sentence) : error;
}

const attempts = 4;

/** What ends a transaction that may be run again: it lost a deadlock, or trusted what was past. */
const passing = ['40P01', '40001', tenantChangedCode];

/** Runs a transaction, up to four times while what ends it passes; a broken key or full limit is its refusal. */
export async function untilSettled<T>(transact: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transact(attempt);
    } catch (error) {
      if (attempt === attempts || !passing.includes(codeOf(error))) throw asRefusal(error);
    }
  }
}

const limitDetail = z.object({ limit: z.enum(limitNames), allowed: z.number(), used: z.number() });

/** What a trigger says of a limit that is reached, for who did not ask before. */
function asLimitReached(error: unknown): unknown {
  const detail = error instanceof Error && 'detail' in error ? String(error.detail) : '{}';
  const use = limitDetail.safeParse(JSON.parse(detail));
  if (!use.success) return error;
  const { limit, allowed, used } = use.data;
  return new Refusal(
    'PLAN_LIMIT_REACHED',
    `the plan allows ${allowed} (${limit}), and ${used} are used`,
    use.data,
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function constraintOf(error: unknown): string {
  return error instanceof Error && 'constraint' in error ? String(error.constraint) : '';
}
