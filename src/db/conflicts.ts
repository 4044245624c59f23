import { Refusal } from '../domain/refusal.ts';

/** What a caller is told when two writes meet on a unique key. The database decides; this only says it. */
const sentences: Readonly<Record<string, string>> = {
  tenants_slug_unique: 'this slug is taken',
  taken_slugs_pkey: 'this slug is taken',
  legal_holds_open_unique: 'a legal hold is placed already',
  offboardings_open_unique: 'this tenant is being offboarded already',
  users_user_name_unique: 'a user with this userName exists',
  users_external_id_unique: 'a user with this externalId exists',
  user_identities_pkey: 'this identity has been bound at this moment',
  operators_email_unique: 'an operator with this e-mail exists',
  invitations_open_unique: 'this address has an open invitation',
};

/** A broken unique key as the refusal `CONFLICT`; anything else as it was. */
export function asRefusal(error: unknown): unknown {
  if (codeOf(error) !== '23505') return error;
  const sentence = sentences[constraintOf(error)];
  return sentence ? new Refusal('CONFLICT', sentence) : error;
}

/** Whether the database gave up on one of two transactions that waited for each other; it may be run again. */
export function isDeadlock(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40P01' || code === '40001';
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}

function constraintOf(error: unknown): string {
  return error instanceof Error && 'constraint' in error ? String(error.constraint) : '';
}
