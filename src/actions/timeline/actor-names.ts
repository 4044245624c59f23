import type { By } from '../../domain/timeline/entries.ts';
import { audienceOf } from '../../domain/timeline/entries.ts';
import { Operator } from '../../db/entities/control.ts';
import { User } from '../../db/entities/user.ts';
import { atControlPlane, type TenantScope } from '../../db/scope.ts';

/** Who did something, as it is stored. */
export type StoredActor = { kind: string; id: string | null | undefined };

/**
 * Says who some actors are. A tenant's own people learn the names of its people, and of operators that it was one;
 * its members learn no more than that of anybody.
 */
export async function nameActors(
  scope: TenantScope,
  actors: readonly StoredActor[],
): Promise<(actor: StoredActor) => By> {
  const audience = audienceOf(scope.actor);
  const names = new Map<string, string>();
  const idsOf = (kind: string) => [
    ...new Set(actors.flatMap((actor) => (actor.kind === kind && actor.id ? [actor.id] : []))),
  ];
  if (audience !== 'members') await nameUsers(scope, idsOf('user'), names);
  if (audience === 'operators') await nameOperators(scope, idsOf('operator'), names);
  return ({ kind, id }) => {
    const hidden = audience === 'members' || (audience === 'admins' && kind === 'operator');
    return { kind, id: hidden ? null : (id ?? null), name: (id && names.get(id)) ?? null };
  };
}

async function nameUsers({ em, tenant }: TenantScope, ids: string[], names: Map<string, string>) {
  if (ids.length === 0) return;
  for (const { id, displayName, email, userName } of await em.find(User, {
    tenantId: tenant.id,
    id: { $in: ids },
  }))
    names.set(id, displayName ?? email ?? userName);
}

async function nameOperators(scope: TenantScope, ids: string[], names: Map<string, string>) {
  if (ids.length === 0) return;
  const operators = await atControlPlane(scope, ({ em }) => em.find(Operator, { id: { $in: ids } }));
  for (const { id, email } of operators) names.set(id, email);
}
