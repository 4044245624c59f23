import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ParsedMail, simpleParser } from 'mailparser';

const waitMs = 15_000;

export type Mailbox = ReturnType<typeof createMailbox>;

/** The mails that the service has written as `.eml` files. */
export function createMailbox(dataDir: string) {
  const folder = join(dataDir, 'mail');

  async function readAll(): Promise<ParsedMail[]> {
    const names = await readdir(folder).catch(() => []);
    const files = names.filter((name) => name.endsWith('.eml'));
    return Promise.all(files.map(async (name) => simpleParser(await readFile(join(folder, name)))));
  }

  return {
    /** Waits for a mail to an address. */
    async await(address: string, subject: RegExp): Promise<ParsedMail> {
      const end = Date.now() + waitMs;
      for (;;) {
        const mails = await readAll();
        const found = mails.find((mail) => recipientOf(mail) === address && subject.test(mail.subject ?? ''));
        if (found) return found;
        if (Date.now() > end) throw new Error(`no mail to ${address} about ${subject} in ${waitMs / 1000} s`);
        await delay(50);
      }
    },
  };
}

/** The link in a mail, with its token. */
export function linkIn(mail: ParsedMail): { url: string; token: string } {
  const url = /https?:\/\/\S+[?&]token=[\w%.-]+/.exec(mail.text ?? '')?.[0] ?? '';
  const token = URL.parse(url)?.searchParams.get('token');
  if (!token) throw new Error(`no link in: ${mail.text}`);
  return { url, token };
}

function recipientOf({ to }: ParsedMail): string {
  return [to].flat()[0]?.value[0]?.address ?? '';
}
