import { createTenantryClient, type TenantryClient } from '../../src/cli/client.ts';
import { type JsonClient, createJsonClient } from './json-client.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import type { Step } from './script.ts';

/** What every chapter has at hand: a running service, and the real clients of those who use it. */
export type Stage = {
  url: string;
  /** Where people come back to after single sign-on, and where mailed links lead. */
  appUrl: string;
  /** The first operator, of engineering. */
  engineering: TenantryClient;
  /** The typed client for somebody's token. */
  as: (token: string) => TenantryClient;
  /** JSON over HTTP. */
  http: JsonClient;
  mailbox: Mailbox;
  chapter: (title: string) => Step;
};

/** A tenant in the story, by what it is called and who opened it. */
export type StoryTenant = {
  id: string;
  name: string;
  slug: string;
  ownerEmail: string;
  customerSuccess: TenantryClient;
};

/** The password of everybody in the story. */
export const password = 'seven purple herons drift west';

type Options = { url: string; appUrl: string; token: string; dataDir: string; chapter: Stage['chapter'] };

/** Sets the stage on a service that is running. */
export function createStage({ url, appUrl, token, dataDir, chapter }: Options): Stage {
  const as = (bearer: string) => createTenantryClient({ url, token: bearer });
  return {
    url,
    appUrl,
    engineering: as(token),
    as,
    http: createJsonClient(url),
    mailbox: createMailbox(dataDir),
    chapter,
  };
}
