import type { Actor, OperatorRole, TenantRole } from '../../src/domain/actors.ts';

/** Every kind of actor that asks, by one word. */
export const actorNames = [
  'customer_success',
  'engineering',
  'billing',
  'read_only',
  'owner',
  'admin',
  'member',
  'scim',
  'sso',
  'service_client',
  'anonymous',
] as const;
export type ActorName = (typeof actorNames)[number];

/** An actor by its word; a tenant's person has a verified e-mail. */
export function actorNamed(name: ActorName | 'system'): Actor {
  switch (name) {
    case 'customer_success':
    case 'engineering':
    case 'billing':
    case 'read_only':
      return anOperator(name);
    case 'owner':
    case 'admin':
    case 'member':
      return aPerson(name);
    case 'scim':
    case 'sso':
    case 'service_client':
      return { kind: name, id: 'a-machine' };
    default:
      return { kind: name };
  }
}

/** An operator with a role. */
export function anOperator(role: OperatorRole): Actor {
  return { kind: 'operator', id: 'an-operator', email: 'operator@example.com', role };
}

/** A tenant's person with a role, whose e-mail is verified unless said otherwise. */
export function aPerson(role: TenantRole, emailVerified = true): Actor {
  return { kind: 'user', id: 'a-person', role, emailVerified, sessionId: 'a-session' };
}
