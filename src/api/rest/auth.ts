import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import {
  findCandidates,
  forgotPasswordInput,
  proveCandidates,
  requestPasswordReset,
  resetPasswordInput,
  signIn,
  signInInput,
} from '../../actions/people/credentials.ts';
import { acceptInvitationInput } from '../../actions/people/invitations.ts';
import { describeMe } from '../../actions/people/me.ts';
import { prepareRegistration, register, registerInput } from '../../actions/people/registration.ts';
import { exchangeCode, refreshSession, signOut } from '../../actions/people/sessions.ts';
import type { Actor } from '../../domain/actors.ts';
import type { Ports } from '../../domain/ports.ts';
import { Refusal } from '../../domain/refusal.ts';
import { foldCase } from '../../domain/user-attributes.ts';
import type { Database } from '../../db/scope.ts';
import type { Throttle } from '../../db/throttle.ts';
import { identifyCaller } from '../caller.ts';
import { addressOf, createMailedLinks, hideTenant } from '../mailed-links.ts';
import type { SessionTokens } from '../session-tokens.ts';
import { readJson } from './body.ts';
import type { ApiEnv } from './env.ts';

export type AuthParts = { db: Database; ports: Ports; throttle: Throttle; sessionTokens: SessionTokens };

const anonymous: Actor = { kind: 'anonymous' };
const tokenInput = z.object({ token: z.string().max(200) });
const refreshInput = z.object({ refreshToken: z.string().max(200) });
const codeInput = z.object({ code: z.string().max(200) });

/** Registration, sign-in and sessions (`/api/auth`). */
export function createAuthApi(parts: AuthParts): Hono<ApiEnv> {
  const { db, ports, throttle, sessionTokens } = parts;
  const app = new Hono<ApiEnv>();

  app.post('/register', async (c) => {
    const entry = { ...c.var.entry, actor: anonymous };
    const input = await readJson(c, registerInput);
    await throttle.take('registration_address', addressOf(entry.origin.ip));
    const prepared = await prepareRegistration(ports, input);
    const grant = await db.asControlPlane(entry, (scope) => register(scope, input, prepared));
    return c.json(await sessionTokens.issue(entry, grant), 201);
  });

  app.post('/login', async (c) => {
    const entry = { ...c.var.entry, actor: anonymous };
    const input = await readJson(c, signInInput);
    const counted = [
      ['sign_in_address', addressOf(entry.origin.ip)],
      ['sign_in_account', hashOf(input.email)],
    ] as const;
    // Counted before the password is looked at, and given back when it was right: parallel guesses all count.
    for (const [kind, key] of counted) await throttle.take(kind, key);
    const candidates = await db.asControlPlane(entry, (scope) => findCandidates(scope, input));
    const places = await proveCandidates(ports, candidates, input.password);
    for (const [kind, key] of counted) await throttle.giveBack(kind, key);
    const grant = await db.asControlPlane(entry, (scope) => signIn(scope, places));
    return c.json(await sessionTokens.issue(entry, grant));
  });

  app.post('/refresh', async (c) => {
    const entry = { ...c.var.entry, actor: anonymous };
    const { refreshToken } = await readJson(c, refreshInput);
    const tenantId = requireTenantOf(ports, refreshToken);
    const grant = await db
      .inTenant({ ...entry, tenantId }, (scope) => refreshSession(scope, refreshToken))
      .catch(hideTenant);
    if (!grant)
      throw new Refusal('INVALID_CREDENTIALS', 'this refresh token was used before: the session has ended');
    return c.json(await sessionTokens.issue(entry, grant));
  });

  app.post('/logout', async (c) => {
    const entry = { ...c.var.entry, actor: anonymous };
    const { refreshToken } = await readJson(c, refreshInput);
    const tenantId = ports.tokens.tenantOf(refreshToken);
    if (tenantId)
      await db.inTenant({ ...entry, tenantId }, (scope) => signOut(scope, refreshToken)).catch(ignoreUnknown);
    return c.body(null, 204);
  });

  app.post('/exchange', async (c) => {
    const entry = { ...c.var.entry, actor: anonymous };
    const { code } = await readJson(c, codeInput);
    const tenantId = requireTenantOf(ports, code);
    const grant = await db
      .inTenant({ ...entry, tenantId }, (scope) => exchangeCode(scope, code))
      .catch(hideTenant);
    return c.json(await sessionTokens.issue(entry, grant));
  });

  app.get('/me', async (c) => {
    const entry = { ...c.var.entry, actor: anonymous };
    const caller = await identifyCaller({ db, sessionTokens }, entry, c.req.header('authorization'));
    if (caller.kind !== 'session')
      throw new Refusal('INVALID_CREDENTIALS', 'this is for the sessions of tenants');
    return c.json(await db.inSession({ ...c.var.entry, ...caller }, describeMe));
  });

  return app.route('/', createMailedLinksApi(parts));
}

/** What the links of mails lead to. */
function createMailedLinksApi(parts: AuthParts): Hono<ApiEnv> {
  const { db, throttle, sessionTokens } = parts;
  const links = createMailedLinks(parts);
  const app = new Hono<ApiEnv>();

  app.post('/verify-email', async (c) => {
    const entry = { ...c.var.entry, actor: anonymous };
    const { token } = await readJson(c, tokenInput);
    return c.json(await links.verifyEmail(entry, token));
  });

  app.post('/forgot-password', async (c) => {
    const entry = { ...c.var.entry, actor: anonymous };
    const input = await readJson(c, forgotPasswordInput);
    await throttle.take('mail_address', addressOf(entry.origin.ip));
    await throttle.take('mail_account', hashOf(input.email));
    await db.asControlPlane(entry, (scope) => requestPasswordReset(scope, input));
    return c.json({ message: 'if there is an account with this address, a mail is on its way' }, 202);
  });

  app.post('/reset-password', async (c) => {
    const entry = { ...c.var.entry, actor: anonymous };
    await links.resetPassword(entry, await readJson(c, resetPasswordInput));
    return c.json({ message: 'the password has been changed; every session has ended' });
  });

  app.post('/accept-invitation', async (c) => {
    const entry = { ...c.var.entry, actor: anonymous };
    const grant = await links.acceptInvitation(entry, await readJson(c, acceptInvitationInput));
    return c.json(await sessionTokens.issue(entry, grant), 201);
  });

  return app;
}

function requireTenantOf(ports: Ports, token: string): string {
  const tenantId = ports.tokens.tenantOf(token);
  if (!tenantId) throw new Refusal('INVALID_CREDENTIALS', 'this token is not valid, or not any more');
  return tenantId;
}

function ignoreUnknown(error: unknown): void {
  if (!(error instanceof Refusal && error.reason === 'NOT_FOUND')) throw error;
}

function hashOf(email: string): string {
  return createHash('sha256').update(foldCase(email)).digest('base64url');
}
