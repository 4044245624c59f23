import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { createTenantryClient, type TenantryClient } from '../../src/cli/client.ts';
import { type JsonClient, createJsonClient } from './json-client.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import type { LocalStripe } from '../support/stripe/local-stripe.ts';
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
  /** A Stripe on this machine, with a clock that is moved by hand. */
  stripe: LocalStripe;
  /** Looks until it sees what is wanted, or for some seconds; what it saw last. */
  until: <T>(look: () => Promise<T>, wanted: NoInfer<T>) => Promise<T>;
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

type Options = Pick<Stage, 'url' | 'appUrl' | 'chapter' | 'stripe'> & { token: string; dataDir: string };

/** Sets the stage on a service that is running. */
export function createStage({ url, appUrl, token, dataDir, chapter, stripe }: Options): Stage {
  const as = (bearer: string) => createTenantryClient({ url, token: bearer });
  return {
    url,
    appUrl,
    engineering: as(token),
    as,
    http: createJsonClient(url),
    mailbox: createMailbox(dataDir),
    chapter,
    stripe,
    until: lookUntil,
  };
}

async function lookUntil<T>(look: () => Promise<T>, wanted: T): Promise<T> {
  for (const end = Date.now() + 15_000; ;) {
    const seen = await look();
    if (isDeepStrictEqual(seen, wanted) || Date.now() > end) return seen;
    await delay(50);
  }
}
