/** Roles of the people who run the product. */
export const operatorRoles = ['customer_success', 'engineering', 'billing', 'read_only'] as const;
export type OperatorRole = (typeof operatorRoles)[number];

/** Roles of a tenant's own people, from the most to the least powerful. */
export const tenantRoles = ['owner', 'admin', 'member'] as const;
export type TenantRole = (typeof tenantRoles)[number];

/** What a host application's service client may ask. */
export const serviceClientScopes = ['introspect'] as const;

/** A tenant's person, as the session behind a request shows it. */
export type UserActor = {
  kind: 'user';
  id: string;
  role: TenantRole;
  emailVerified: boolean;
  sessionId: string;
  approval?: GivenApproval;
};

/** The approval under which an action runs: which, and who gave it. */
export type GivenApproval = { id: string; approvedBy: string; brokenGlass: boolean };

/** Who acts. Every audit event names one; every permission is decided by one. */
export type Actor =
  | { kind: 'operator'; id: string; email: string; role: OperatorRole; approval?: GivenApproval }
  | UserActor
  | { kind: 'scim'; id: string }
  | { kind: 'sso'; id: string }
  | { kind: 'service_client'; id: string }
  | { kind: 'system' }
  | { kind: 'anonymous' };
export type ActorKind = Actor['kind'];

/** The stable id of an actor, where it has one. */
export function actorId(actor: Actor): string | null {
  return 'id' in actor ? actor.id : null;
}
