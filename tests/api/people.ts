import { randomUUID } from 'node:crypto';
import { invite, issueInvitationToken } from '../../src/actions/people/invitations.ts';
import type { TenantryClient } from '../../src/cli/client.ts';
import { UserToken } from '../../src/db/entities/session.ts';
import { User } from '../../src/db/entities/user.ts';
import { Invitation } from '../../src/db/entities/work.ts';
import type { OperatorRole, TenantRole } from '../../src/domain/actors.ts';
import { anOwner, type Session, strongPassword, type TestTenant, type World } from '../support/world.ts';

export type TestPerson = Session & { email: string; client: TenantryClient };
export type TestOperator = { id: string; email: string; token: string; client: TenantryClient };

/** An operator of a role, with a client of their own. */
export async function anOperator(world: World, role: OperatorRole): Promise<TestOperator> {
  const email = `${role}-${randomUUID()}@ops.example`;
  const { operator, token } = await world.operator.operators.create.mutate({ email, name: 'Otto', role });
  return { id: operator.id, email, token, client: world.as(token) };
}

/** The tenant's first owner, signed in, with a client. */
export async function theOwner(world: World, tenant: TestTenant): Promise<TestPerson> {
  const session = await anOwner(world, tenant);
  return { ...session, email: tenant.ownerEmail, client: world.as(session.accessToken) };
}

/** Somebody who was invited to the tenant, has accepted and is signed in. */
export async function aPerson(world: World, tenantId: string, role: TenantRole): Promise<TestPerson> {
  const email = `${role}-${randomUUID()}@people.example`;
  const token = await anInvitation(world, tenantId, { email, role });
  const answer = await world.send('/api/auth/accept-invitation', {
    body: { token, password: strongPassword },
  });
  if (answer.status !== 201) throw new Error(`the invitation was not accepted: ${answer.text}`);
  const session: Session = answer.body;
  return { ...session, email, client: world.as(session.accessToken) };
}

/** The token of an open invitation. */
export function anInvitation(
  world: World,
  tenantId: string,
  { email, role }: { email: string; role: TenantRole },
): Promise<string> {
  return world.inTenant(tenantId, async (scope) => {
    await invite(scope, { email, name: 'Mia Member', role });
    const invitation = await scope.em.findOneOrFail(Invitation, { tenantId, email });
    return issueInvitationToken(scope, invitation);
  });
}

/** A token as the verification mail of a user carries it, without waiting for the mail. */
export function aVerificationToken(world: World, { tenant, user }: Session): Promise<string> {
  return world.inTenant(tenant.id, async ({ em, ports }) => {
    const token = ports.tokens.create('ve', tenant.id);
    em.create(UserToken, {
      tenantId: tenant.id,
      hash: ports.tokens.hash(token),
      kind: 'verify_email',
      user: await em.findOneOrFail(User, { tenantId: tenant.id, id: user.id }),
      payload: user.email,
      expiresAt: new Date(Date.now() + 60_000),
    });
    return token;
  });
}

/** Verifies a registered user's address. */
export async function verifyAddress(world: World, session: Session): Promise<void> {
  const token = await aVerificationToken(world, session);
  const { status, text } = await world.send('/api/auth/verify-email', { body: { token } });
  if (status !== 200) throw new Error(`the address was not verified: ${text}`);
}
