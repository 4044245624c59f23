import { type Context, Hono } from 'hono';
import { openCertificate } from '../../actions/purge/certificate.ts';
import type { Database } from '../../db/scope.ts';
import type { PageFrame } from '../../domain/texts/page-layout.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { ApiEnv } from '../rest/env.ts';
import { writeCertificatePage } from './certificate-page.ts';
import { writeProblemPage } from './link-pages.ts';
import { answerPage } from './page-answer.ts';

type Parts = { db: Database; support: PageFrame['support'] };

/** What a mailed link to a certificate of deletion opens: a page to read and print, and the signed JSON. */
export function createCertificates({ db, support }: Parts): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const open = (c: Context<ApiEnv>, token: string) =>
    db.asControlPlane({ ...c.var.entry, actor: { kind: 'anonymous' } }, (scope) =>
      openCertificate(scope, token),
    );
  app.get('/:file{.+\\.json}', async (c) => {
    const certificate = await open(c, c.req.param('file').replace(/\.json$/, ''));
    c.header('cache-control', 'no-store');
    c.header('content-disposition', `attachment; filename="deletion-${certificate.tenantId}.json"`);
    return c.json(certificate);
  });
  app.get('/:token', async (c) => {
    const token = c.req.param('token');
    return answerPage(c, writeCertificatePage(await open(c, token), `${token}.json`), { support });
  });
  app.onError((error, c) => {
    if (!(error instanceof Refusal)) throw error;
    return answerPage(c, writeProblemPage(error.message), { status: 404, support });
  });
  return app;
}
