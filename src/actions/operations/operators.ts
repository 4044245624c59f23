import { z } from 'zod';
import { type Actor, operatorRoles } from '../../domain/actors.ts';
import { isRaise } from '../../domain/approvals.ts';
import { daysAfter } from '../../domain/lifecycle/deadlines.ts';
import { emailAddress, line } from '../../domain/names.ts';
import type { PageInput } from '../../domain/pages.ts';
import { requirePermission } from '../../domain/permissions.ts';
import { Refusal } from '../../domain/refusal.ts';
import { foldCase } from '../../domain/user-attributes.ts';
import { record } from '../../db/audit.ts';
import { Operator, OperatorToken } from '../../db/entities/control.ts';
import { newId } from '../../db/ids.ts';
import { pageOf } from '../../db/pages.ts';
import type { ControlScope, Database } from '../../db/scope.ts';
import { requireApproval } from './approval-gate.ts';

const tokenDays = 90;

export const createOperatorInput = z.object({
  email: emailAddress,
  name: line(255),
  role: z.enum(operatorRoles),
});
export const operatorInput = z.object({ operatorId: z.uuid() });
export const setOperatorRoleInput = operatorInput.extend({ role: z.enum(operatorRoles) });

/** Who a bearer token belongs to, or `null`; notes once a minute that it is used. */
export async function authenticateOperator(
  { glance, ports }: Pick<Database, 'glance' | 'ports'>,
  token: string,
  now: Date,
): Promise<Actor | null> {
  const [found] = await glance.atControlPlane<{ id: string; email: string; role: Operator['role'] }>({
    name: 'operator_by_token',
    text: `
      with found as (
        select t.hash, o.id, o.email, o.role from operator_tokens t join operators o on o.id = t.operator_id
        where t.hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2)
          and o.revoked_at is null
      ), used as (
        update operator_tokens set last_used_at = $2
        where hash = (select hash from found) and (last_used_at is null or last_used_at < $2 - interval '1 minute')
      )
      select id, email, role from found`,
    values: [ports.tokens.hash(token), now],
  });
  return found ? { kind: 'operator', ...found } : null;
}

/** Makes somebody an operator; the token is shown once. */
export async function createOperator(scope: ControlScope, input: z.infer<typeof createOperatorInput>) {
  requirePermission(scope.actor, 'operator.write');
  const operator = scope.em.create(Operator, {
    id: newId(),
    email: input.email,
    emailKey: foldCase(input.email),
    name: input.name,
    role: input.role,
    createdAt: scope.now,
  });
  const issued = issueToken(scope, operator);
  await record(scope, 'operator.created', {
    target: { kind: 'operator', id: operator.id },
    details: { role: input.role },
    personal: { subjectId: operator.id, values: { email: input.email } },
  });
  return { operator: describeOperator(operator), ...issued };
}

/** All operators, newest first. */
export function listOperators(scope: ControlScope, page: PageInput) {
  requirePermission(scope.actor, 'operator.read');
  return pageOf({
    page,
    find: (newestFirst, after) => scope.em.find(Operator, after, newestFirst),
    describe: describeOperator,
  });
}

/** Gives an operator another role; a higher one with a second person's approval. Nobody changes their own. */
export async function setOperatorRole(scope: ControlScope, input: z.infer<typeof setOperatorRoleInput>) {
  requirePermission(scope.actor, 'operator.write');
  const operator = await findOther(scope, input.operatorId);
  const before = operator.role;
  if (isRaise(before, input.role)) requireApproval(scope, 'operators.setRole');
  operator.role = input.role;
  await record(scope, 'operator.role_changed', {
    target: { kind: 'operator', id: operator.id },
    details: { before, after: input.role },
  });
  return describeOperator(operator);
}

/** Takes an operator's access away: every token stops working with this call. */
export async function revokeOperator(scope: ControlScope, input: z.infer<typeof operatorInput>) {
  requirePermission(scope.actor, 'operator.write');
  const operator = await findOther(scope, input.operatorId);
  operator.revokedAt = scope.now;
  await scope.em.nativeUpdate(OperatorToken, { operator, revokedAt: null }, { revokedAt: scope.now });
  await record(scope, 'operator.revoked', { target: { kind: 'operator', id: operator.id } });
  return describeOperator(operator);
}

/** A new token for the operator who asks; every other token of theirs stops working. It is shown once. */
export async function rotateOperatorToken(scope: ControlScope) {
  requirePermission(scope.actor, 'operator.rotate_own_token');
  if (scope.actor.kind !== 'operator')
    throw new Refusal('PERMISSION_DENIED', 'only an operator has such a token');
  const operator = await scope.em.findOneOrFail(Operator, scope.actor.id);
  if (operator.bootstrap) {
    throw new Refusal('PERMISSION_DENIED', 'the bootstrap token is changed by BOOTSTRAP_OPERATOR_TOKEN');
  }
  await scope.em.nativeUpdate(OperatorToken, { operator, revokedAt: null }, { revokedAt: scope.now });
  const issued = issueToken(scope, operator);
  await record(scope, 'operator_token.rotated', { target: { kind: 'operator', id: operator.id } });
  return issued;
}

/** Makes sure that the bootstrap operator exists and that this token, and no earlier one, is its own. */
export async function ensureBootstrapOperator(scope: ControlScope, token: string): Promise<void> {
  const { em, now } = scope;
  await em.execute(
    `insert into operators (id, email, email_key, name, role, bootstrap, created_at)
     values (?, 'bootstrap@localhost', 'bootstrap@localhost', 'Bootstrap operator', 'engineering', true, ?)
     on conflict do nothing`,
    [newId(), now],
  );
  const operator = await em.findOneOrFail(Operator, { bootstrap: true });
  const hash = scope.ports.tokens.hash(token);
  await em.nativeUpdate(
    OperatorToken,
    { operator, hash: { $ne: hash }, revokedAt: null },
    { revokedAt: now },
  );
  await em.execute(
    `insert into operator_tokens (hash, operator_id, created_at) values (?, ?, ?)
     on conflict (hash) do update set revoked_at = null`,
    [hash, operator.id, now],
  );
}

function issueToken(
  { em, now, ports }: ControlScope,
  operator: Operator,
): { token: string; expiresAt: string } {
  const token = ports.tokens.create('op');
  const expiresAt = daysAfter(now, tokenDays);
  em.create(OperatorToken, { hash: ports.tokens.hash(token), operator, createdAt: now, expiresAt });
  return { token, expiresAt: expiresAt.toISOString() };
}

async function findOther(scope: ControlScope, id: string): Promise<Operator> {
  const operator = await scope.em.findOne(Operator, { id, revokedAt: null });
  if (!operator) throw new Refusal('NOT_FOUND', 'no such operator');
  if (scope.actor.kind === 'operator' && scope.actor.id === id) {
    throw new Refusal('PERMISSION_DENIED', 'nobody changes their own access');
  }
  return operator;
}

function describeOperator(operator: Operator) {
  return {
    id: operator.id,
    email: operator.email,
    name: operator.name,
    role: operator.role,
    createdAt: operator.createdAt.toISOString(),
    revokedAt: operator.revokedAt?.toISOString() ?? null,
  };
}
