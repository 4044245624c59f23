import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { resetPasswordInput } from '../../actions/people/credentials.ts';
import { acceptInvitationInput } from '../../actions/people/invitations.ts';
import type { Database, Entry } from '../../db/scope.ts';
import type { Throttle } from '../../db/throttle.ts';
import type { PageFrame } from '../../domain/texts/page-layout.ts';
import type { Ports } from '../../domain/ports.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Log } from '../../infra/log.ts';
import { createMailedLinks } from '../mailed-links.ts';
import { readForm } from '../rest/body.ts';
import type { ApiEnv } from '../rest/env.ts';
import { problems } from '../rest/problems.ts';
import {
  linkForms,
  type LinkName,
  linkNames,
  writeProblemPage,
  writeResultPage,
  writeSignedInPage,
} from './link-pages.ts';
import { answerPage } from './page-answer.ts';

export type PagesParts = {
  db: Database;
  ports: Ports;
  throttle: Throttle;
  appUrl: string | null;
  support: PageFrame['support'];
  log: Log;
};

type PageContext = Context<ApiEnv>;
type Take = (entry: Entry, c: PageContext) => Promise<{ title: string; sentence: string }>;

const bodyBytes = 16_384;
const withToken = z.object({ token: z.string().min(1).max(200) });

/** A field that was left empty was not filled in. */
const acceptanceForm = z.preprocess(
  (fields) => Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value !== '')),
  acceptInvitationInput,
);

/**
 * The service's own pages, where no host application has any: what mailed links lead to, and where single sign-on
 * ends. Opening a link uses nothing up, since mail scanners open links too; its form does.
 */
export function createPages(parts: PagesParts): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const { support } = parts;
  const takes = formTakers(parts);
  const limit = bodyLimit({
    maxSize: bodyBytes,
    onError: (c: PageContext) =>
      answerPage(c, writeProblemPage('this is too large'), { status: 413, support }),
  });
  for (const name of linkNames) {
    app.get(`/${name}`, (c) => showForm(c, parts, name));
    app.post(`/${name}`, limit, (c) => takeForm(c, parts, { name, take: takes[name] }));
  }
  app.get('/signed-in', (c) => answerPage(c, writeSignedInPage(Boolean(c.req.query('code'))), { support }));
  app.onError((error, c) => answerError(error, c, parts));
  return app;
}

/** What each link's form does, and what its page then says. */
function formTakers(parts: PagesParts): Record<LinkName, Take> {
  const links = createMailedLinks(parts);
  return {
    'verify-email': async (entry, c) => {
      const { token } = await readForm(c, withToken);
      await links.verifyEmail(entry, token);
      return { title: 'Address confirmed', sentence: 'your e-mail address is confirmed' };
    },
    'reset-password': async (entry, c) => {
      await links.resetPassword(entry, await readForm(c, resetPasswordInput));
      const sentence = 'your new password is set, and you have been signed out everywhere: sign in with it';
      return { title: 'Password changed', sentence };
    },
    'accept-invitation': async (entry, c) => {
      const { tenant } = await links.acceptInvitation(entry, await readForm(c, acceptanceForm));
      return { title: 'Welcome', sentence: `you have joined ${tenant.name}: sign in to begin` };
    },
  };
}

function showForm(c: PageContext, { support }: PagesParts, name: LinkName): Response {
  const { data } = withToken.safeParse(c.req.query());
  const page = data
    ? linkForms[name]({ token: data.token, problem: null })
    : writeProblemPage('this link is not complete: copy all of it from the mail');
  return answerPage(c, page, { status: data ? 200 : 400, support });
}

async function takeForm(
  c: PageContext,
  { support, appUrl }: PagesParts,
  { name, take }: { name: LinkName; take: Take },
): Promise<Response> {
  try {
    const { title, sentence } = await take({ ...c.var.entry, actor: { kind: 'anonymous' } }, c);
    return answerPage(c, writeResultPage(title, sentence, appUrl), { support });
  } catch (error) {
    if (!(error instanceof Refusal) || error.reason !== 'INVALID_INPUT') throw error;
    // What was filled in can be corrected: nothing has been used up.
    const { token } = await readForm(c, withToken);
    return answerPage(c, linkForms[name]({ token, problem: error.message }), { status: 400, support });
  }
}

function answerError(error: unknown, c: PageContext, { log, support }: PagesParts): Response {
  if (error instanceof Refusal) {
    const { retryAfterSeconds } = error.data;
    if (typeof retryAfterSeconds === 'number') c.header('retry-after', String(retryAfterSeconds));
    // A 401 would ask the browser for credentials; a link has none to give.
    const status = error.reason === 'INVALID_CREDENTIALS' ? 400 : problems[error.reason].status;
    return answerPage(c, writeProblemPage(error.message), { status, support });
  }
  const { requestId } = c.var.entry.origin;
  log.error({ err: error, requestId }, 'a page failed by a bug');
  const sentence = `this is our fault, and it has been logged under ${requestId}`;
  return answerPage(c, writeProblemPage(sentence), { status: 500, support });
}
