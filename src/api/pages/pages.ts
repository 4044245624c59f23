import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { resetPasswordInput } from '../../actions/credentials.ts';
import { acceptInvitationInput } from '../../actions/invitations.ts';
import type { Database, Entry } from '../../db/scope.ts';
import type { Throttle } from '../../db/throttle.ts';
import type { PageFrame } from '../../domain/page-layout.ts';
import type { Ports } from '../../domain/ports.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Log } from '../../infra/log.ts';
import { createMailedLinks } from '../mailed-links.ts';
import { readForm } from '../rest/body.ts';
import type { ApiEnv } from '../rest/env.ts';
import { problems } from '../rest/problems.ts';
import { linkForms, type LinkName, writeProblemPage, writeResultPage, writeSignedInPage } from './link-pages.ts';
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
type Post = (entry: Entry, c: PageContext) => Promise<{ title: string; sentence: string }>;

const bodyBytes = 16_384;
const token = z.string().min(1).max(200);
const empty = z.literal('').transform(() => undefined);

/**
 * The service's own pages, where no host application has any: what mailed links lead to, and where single sign-on
 * ends. Opening a link uses nothing up, since mail scanners open links too; its form does.
 */
export function createPages(parts: PagesParts): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const { support } = parts;
  for (const [name, post] of Object.entries(linkPosts(parts))) {
    const limit = bodyLimit({
      maxSize: bodyBytes,
      onError: (c: PageContext) => answerPage(c, writeProblemPage('this is too large'), { status: 413, support }),
    });
    app.get(`/${name}`, (c) => showForm(c, parts, name));
    app.post(`/${name}`, limit, (c) => takeForm(c, parts, { name, post }));
  }
  app.get('/signed-in', (c) => answerPage(c, writeSignedInPage(Boolean(c.req.query('code'))), { support }));
  app.onError((error, c) => answerError(error, c, parts));
  return app;
}

/** What each link's form does, and what its page then says. */
function linkPosts(parts: PagesParts): Record<LinkName, Post> {
  const links = createMailedLinks(parts);
  const acceptance = acceptInvitationInput.extend({
    password: empty.or(z.string().max(1024)).optional(),
    name: empty.or(z.string().trim().max(255)).optional(),
  });
  return {
    'verify-email': async (entry, c) => {
      await links.verifyEmail(entry, (await readForm(c, z.object({ token }))).token);
      return { title: 'Address confirmed', sentence: 'your e-mail address is confirmed' };
    },
    'reset-password': async (entry, c) => {
      await links.resetPassword(entry, await readForm(c, resetPasswordInput));
      return {
        title: 'Password changed',
        sentence: 'your new password is set, and you have been signed out everywhere: sign in with it',
      };
    },
    'accept-invitation': async (entry, c) => {
      const input = acceptInvitationInput.parse(await readForm(c, acceptance));
      const { tenant } = await links.acceptInvitation(entry, input);
      return { title: 'Welcome', sentence: `you have joined ${tenant.name}: sign in to begin` };
    },
  };
}
