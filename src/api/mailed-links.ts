import type { z } from 'zod';
import { resetPassword, type resetPasswordInput } from '../actions/people/credentials.ts';
import {
  acceptInvitation,
  type acceptInvitationInput,
  prepareAcceptance,
} from '../actions/people/invitations.ts';
import { setUpPassword } from '../actions/people/password-setup.ts';
import { verifyEmail } from '../actions/people/registration.ts';
import type { SessionGrant } from '../actions/people/sessions.ts';
import type { Database, Entry } from '../db/scope.ts';
import type { Throttle } from '../db/throttle.ts';
import type { Ports } from '../domain/ports.ts';
import { Refusal } from '../domain/refusal.ts';

/**
 * What the links of mails lead to, for JSON and for pages alike. Guesses are counted by address. A token is taken
 * once; one that is not good refuses with `INVALID_CREDENTIALS`, whatever is wrong with it.
 */
export function createMailedLinks({
  db,
  ports,
  throttle,
}: {
  db: Database;
  ports: Ports;
  throttle: Throttle;
}) {
  const count = (entry: Entry) => throttle.take('link_address', addressOf(entry.origin.ip));
  return {
    async verifyEmail(entry: Entry, token: string) {
      await count(entry);
      return db.asControlPlane(entry, (scope) => verifyEmail(scope, token)).catch(hideTenant);
    },

    /** A new password of a person, or the first of a tenant's user: the token tells which. */
    async resetPassword(
      entry: Entry,
      { token, password }: z.infer<typeof resetPasswordInput>,
    ): Promise<void> {
      await count(entry);
      await ports.passwords.requireStrong(password, []);
      const passwordHash = await ports.passwords.hash(password);
      const tenantId = ports.tokens.tenantOf(token);
      await db
        .asControlPlane(entry, (scope) =>
          tenantId
            ? setUpPassword(scope, { token, tenantId, passwordHash })
            : resetPassword(scope, { token, passwordHash }),
        )
        .catch(hideTenant);
    },

    async acceptInvitation(
      entry: Entry,
      input: z.infer<typeof acceptInvitationInput>,
    ): Promise<SessionGrant> {
      await count(entry);
      const passwordHash = await prepareAcceptance(ports, input);
      return db
        .asControlPlane(entry, (scope) => acceptInvitation(scope, input, passwordHash))
        .catch(hideTenant);
    },
  };
}

/** A token that names a tenant which does not exist is a wrong token, and says no more than that. */
export function hideTenant(error: unknown): never {
  if (error instanceof Refusal && error.reason === 'NOT_FOUND') {
    throw new Refusal('INVALID_CREDENTIALS', 'this token is not valid, or not any more');
  }
  throw error;
}

/** What attempts from a network address are counted under. An IPv6 host owns a /64: its addresses count as one. */
export function addressOf(ip: string | null): string {
  return ip?.includes(':') && !ip.includes('.') ? ip.split(':').slice(0, 4).join(':') : (ip ?? 'unknown');
}
