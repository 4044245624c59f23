import { type ApprovableAction, decidingRoles } from '../../domain/approvals.ts';
import { Operator } from '../../db/entities/control.ts';
import { atControlPlane, type ControlScope, type TenantScope } from '../../db/scope.ts';
import { tellOperators } from '../notifications/notices.ts';

/** An approval, as far as it decides who is told of it. */
type Told = { id: string; action: ApprovableAction; requestedByKey: string };

/** Promises a mail about an approval to every operator who may decide over it: not to who asked. */
export async function tellDeciders(
  place: TenantScope | ControlScope,
  mail: 'approval_requested' | 'approval_escalated',
  { id, action, requestedByKey }: Told,
): Promise<void> {
  const asker = await findOperatorId(place, requestedByKey);
  const notice = { mail, approvalId: id } as const;
  const others = asker === null ? {} : { except: asker };
  await tellOperators(place, notice, { roles: decidingRoles(action), occurrence: id, ...others });
}

/** The account of a person as an operator now, where they have one. */
async function findOperatorId(place: TenantScope | ControlScope, emailKey: string): Promise<string | null> {
  const find = ({ em }: ControlScope) => em.findOne(Operator, { emailKey, revokedAt: null });
  const operator = place.kind === 'control' ? await find(place) : await atControlPlane(place, find);
  return operator?.id ?? null;
}
