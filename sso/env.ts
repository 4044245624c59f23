import type { Context } from 'hono';
import type { Database, Entry } from '../src/db/scope.ts';
import type { PageFrame } from '../src/domain/texts/page-layout.ts';
import type { Ports } from '../src/domain/ports.ts';
import type { Log } from '../src/infra/log.ts';

/** What the roof has read of every request: its moment and where it came from. */
export type SsoEnv = { Variables: { entry: Omit<Entry, 'actor'> } };
export type SsoContext = Context<SsoEnv>;

export type SsoParts = {
  db: Database;
  ports: Ports;
  publicUrl: string;
  /** The host application, where people return to; without it they see our own landing page. */
  appUrl: string | null;
  allowedOrigins: readonly string[];
  support: PageFrame['support'];
  log: Log;
};
