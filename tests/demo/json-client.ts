import { z } from 'zod';

export type Reply = { status: number; body: Record<string, unknown> };

export type JsonClient = ReturnType<typeof createJsonClient>;

const refusal = z.object({ data: z.looseObject({ reason: z.string(), httpStatus: z.number() }) });
const session = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  user: z.looseObject({ id: z.string(), role: z.string(), email: z.string().nullable() }),
  tenant: z.looseObject({
    id: z.string(),
    status: z.string(),
    plan: z.string(),
    trialEndsAt: z.string().nullable(),
  }),
});
export type Session = z.infer<typeof session>;

/** Calls the service's JSON endpoints, as a host application would. */
export function createJsonClient(url: string) {
  async function send(
    path: string,
    init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> },
    authorization?: string,
  ): Promise<Reply> {
    const headers = { ...init.headers, ...(authorization === undefined ? {} : { authorization }) };
    const response = await fetch(`${url}${path}`, { ...init, headers });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  }

  return {
    get: (path: string, token?: string) => send(path, {}, token && `Bearer ${token}`),
    post: (path: string, body: object) =>
      send(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    /** RFC 7662: the host application's server asks whether a token is good. */
    introspect: (token: string, { clientId, secret }: { clientId: string; secret: string }) => {
      const basic = Buffer.from(`${clientId}:${secret}`).toString('base64');
      const body = new URLSearchParams({ token });
      return send('/api/auth/introspect', { method: 'POST', body }, `Basic ${basic}`);
    },
  };
}

/** The answer to a sign-in. */
export function readSession({ body }: Reply): Session {
  return session.parse(body);
}

/** Why a procedure was refused. One that was not refused is a failure. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<Record<string, unknown> & { reason: string }> {
  try {
    await call;
  } catch (error) {
    const parsed = refusal.safeParse(error);
    if (parsed.success) return parsed.data.data;
    throw error;
  }
  throw new Error('this was let through');
}
