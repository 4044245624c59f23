import { Hono } from 'hono';
import { z } from 'zod';
import { introspectSession } from '../../actions/people/introspection.ts';
import { authenticateServiceClient } from '../../actions/operations/service-clients.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Database, Entry } from '../../db/scope.ts';
import type { Activity } from '../activity.ts';
import type { ApiCalls } from '../api-calls.ts';
import { bearerToken } from '../caller.ts';
import type { SessionTokens } from '../session-tokens.ts';
import { readForm } from './body.ts';
import type { ApiEnv } from './env.ts';

/** The most calls that are counted at once. */
const mostConsumed = 1_000_000;
const introspectInput = z.object({
  token: z.string().max(4096),
  /** How many calls of the host application to count; it comes as text in a form. */
  consume: z
    .union([
      z.int(),
      z
        .string()
        .regex(/^\d{1,7}$/, 'must be a whole number')
        .transform(Number),
    ])
    .pipe(z.int().min(1).max(mostConsumed))
    .optional(),
});
const inactive = { active: false };

type IntrospectParts = { db: Database; sessionTokens: SessionTokens; activity: Activity; calls: ApiCalls };

/** Token introspection (RFC 7662) for the host application's servers. */
export function createIntrospectApi({ db, sessionTokens, activity, calls }: IntrospectParts) {
  const app = new Hono<ApiEnv>();

  app.post('/introspect', async (c) => {
    const entry: Entry = { ...c.var.entry, actor: { kind: 'anonymous' } };
    // Read to its end before anything is refused: who is cut off while sending never reads why.
    await c.req.text();
    await requireClient(db, entry, c.req.header('authorization'));
    const { token, consume } = await readForm(c, introspectInput);
    const claims = await sessionTokens.verify(entry, token);
    if (!claims) return c.json(inactive);
    const found = await introspectSession(db, claims, entry.now);
    if (!found) return c.json(inactive);
    const { tid: tenantId } = claims;
    if (consume !== undefined) {
      const asked = { budget: 'people', tenantId, allowed: found.limitApiCalls, calls: consume } as const;
      await calls.take(entry.origin, asked);
    }
    // Nobody waits for the note but who may get a suspension lifted by it.
    const noted = activity.note(entry, { tenantId, tenantNow: found.tenantNow });
    if (found.suspended) await noted;
    return c.json({ active: true, token_type: 'Bearer', ...found.session });
  });

  return app;
}

async function requireClient(db: Database, entry: Entry, authorization: string | undefined): Promise<void> {
  const credentials = readCredentials(authorization);
  const actor = credentials && (await authenticateServiceClient(db, credentials, entry.now));
  if (!actor)
    throw new Refusal('INVALID_CREDENTIALS', 'authenticate as a service client, by Basic or bearer');
}

/** A service client's credentials: Basic (RFC 6749 §2.3.1) or its secret as a bearer token. */
function readCredentials(
  authorization: string | undefined,
): { clientId: string | null; secret: string } | null {
  const secret = bearerToken(authorization);
  if (secret !== null) return { clientId: null, secret };
  const basic = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization ?? '')?.[1];
  if (!basic) return null;
  const [clientId, ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return clientId ? { clientId, secret: rest.join(':') } : null;
}
