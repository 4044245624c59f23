import { TRPCClientError } from '@trpc/client';
import { AuditEvent } from '../../src/db/entities/audit.ts';
import { strongPassword, type World } from '../support/world.ts';
import { type Answer, send } from '../support/http.ts';

export type RefusalAnswer = Record<string, unknown> & {
  message: string;
  reason: string;
  httpStatus: number;
  /** What is still open, where that is why. */
  open: string[];
};

/** What a refused call was answered: its sentence and its data. A call that was not refused fails the test. */
export async function refusalOf(call: Promise<unknown>): Promise<RefusalAnswer> {
  try {
    await call;
  } catch (error) {
    if (error instanceof TRPCClientError) return { message: error.message, ...error.data };
    throw error;
  }
  throw new Error('the call was not refused');
}

/** What calls that are all refused were answered, in their order. */
export function refusalsOf(calls: readonly Promise<unknown>[]): Promise<RefusalAnswer[]> {
  return Promise.all(calls.map(refusalOf));
}

/** Asks a procedure by plain HTTP, as a query. */
export function ask(url: string, procedure: string, { token, input }: CallOptions = {}): Promise<Answer> {
  const search = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  return send(url, `/trpc/${procedure}${search}`, options(token));
}

/** Calls a procedure by plain HTTP, as a mutation. */
export function call(url: string, procedure: string, { token, input }: CallOptions = {}): Promise<Answer> {
  return send(url, `/trpc/${procedure}`, { ...options(token), method: 'POST', body: input ?? {} });
}

type CallOptions = { token?: string; input?: unknown };

function options(token: string | undefined) {
  return token === undefined ? {} : { token };
}

/** Signs in by a password. */
export function signIn(
  world: World,
  email: string,
  { password = strongPassword, tenant }: { password?: string; tenant?: string } = {},
): Promise<Answer> {
  const body = { email, password, ...(tenant === undefined ? {} : { tenant }) };
  return world.send('/api/auth/login', { body });
}

/** The actions in a tenant's audit trail, oldest first. */
export function auditOf(world: World, tenantId: string): Promise<string[]> {
  return world.inTenant(tenantId, async ({ em }) => {
    const events = await em.find(AuditEvent, { tenantId }, { orderBy: { id: 'asc' } });
    return events.map(({ action }) => action);
  });
}
