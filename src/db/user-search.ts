import type { FilterQuery } from '@mikro-orm/core';
import type { UserCondition } from '../domain/filter.ts';
import { foldCase, normalizeUserName } from '../domain/user-attributes.ts';
import { User, UserEmail } from './entities/user.ts';
import type { TenantScope } from './scope.ts';

/** A page of the users for which all conditions hold, in the order they were created. */
export async function findUsers(
  scope: TenantScope,
  conditions: readonly UserCondition[],
  { offset, limit }: { offset: number; limit: number },
): Promise<User[]> {
  return scope.em.find(User, await whereOf(scope, conditions), {
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    offset,
    limit,
  });
}

/** How many users there are for which all conditions hold. */
export async function countUsers(scope: TenantScope, conditions: readonly UserCondition[]): Promise<number> {
  return scope.em.count(User, await whereOf(scope, conditions));
}

async function whereOf(scope: TenantScope, conditions: readonly UserCondition[]): Promise<FilterQuery<User>> {
  const parts: FilterQuery<User>[] = [];
  for (const condition of conditions) parts.push(await partOf(scope, condition));
  return { tenantId: scope.tenant.id, removedAt: null, $and: parts };
}

/** Each condition as plain equality on a stored column, which a row policy lets into an index. */
async function partOf(scope: TenantScope, condition: UserCondition): Promise<FilterQuery<User>> {
  switch (condition.attribute) {
    case 'id':
      return { id: isUuid(condition.value) ? condition.value : { $in: [] } };
    case 'userName':
      return { userNameKey: normalizeUserName(condition.value) };
    case 'externalId':
      return { externalId: condition.value };
    case 'displayName':
      return { displayNameKey: foldCase(condition.value) };
    case 'active':
      return { active: condition.value };
    case 'manager':
      return { managerId: condition.value };
    default:
      return { id: { $in: await usersByEmail(scope, condition) } };
  }
}

async function usersByEmail(
  { em, tenant }: TenantScope,
  { type, value }: Extract<UserCondition, { attribute: 'emails' }>,
): Promise<string[]> {
  const rows = await em.find(UserEmail, { tenantId: tenant.id, valueKey: foldCase(value) }, { limit: 1000 });
  const sameType =
    type === null ? rows : rows.filter((row) => row.type && foldCase(row.type) === foldCase(type));
  return sameType.map((row) => row.user.id);
}

// An id is case-exact (RFC 7643 §3.1): PostgreSQL would take capitals for the same.
function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
