import { foldCase } from '../../domain/user-attributes.ts';
import { Person } from '../../db/entities/person.ts';
import { Membership, type User } from '../../db/entities/user.ts';
import { newId } from '../../db/ids.ts';
import type { ControlScope, TenantScope } from '../../db/scope.ts';

/**
 * The person with a verified e-mail address, who stays until this transaction ends: the purge of another tenant
 * may be deleting those who are in no tenant any more. One who is made by this has the password that came with the proof, if
 * one did: a click on a link proves the address and not the password somebody registered with.
 */
export async function findOrCreatePerson(
  { em, now }: ControlScope,
  { email, passwordHash }: { email: string; passwordHash: string | null },
): Promise<Person> {
  const emailKey = foldCase(email);
  for (;;) {
    await em.execute(
      `insert into people (id, email, email_key, password_hash, created_at, updated_at) values (?, ?, ?, ?, ?, ?)
       on conflict (email_key) do nothing`,
      [newId(), email, emailKey, passwordHash, now, now],
    );
    const [kept] = await em.execute<unknown[]>(`select id from people where email_key = ? for key share`, [
      emailKey,
    ]);
    // One who was deleted between the two is made anew.
    if (kept) return em.findOneOrFail(Person, { emailKey });
  }
}

/**
 * Binds a tenant's user to the person whose address it has. A password that it registered with goes on opening this
 * tenant and no other, until the person sets one: who registered may not have been who verified.
 */
export async function linkPerson(
  { em, tenant, now }: TenantScope,
  user: User,
  personId: string,
): Promise<void> {
  const membership = {
    tenantId: tenant.id,
    user,
    emailKey: foldCase(user.email ?? ''),
    personId,
    createdAt: now,
  };
  await em.upsert(Membership, membership, { onConflictMergeFields: ['emailKey', 'personId'] });
  user.emailVerifiedAt = now;
}
