import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';

/** The token in a mail's link. */
export function tokenIn(mail: ParsedMail): string {
  const token = /[?&]token=([\w%.-]+)/.exec(mail.text ?? '')?.[1];
  if (!token) throw new Error(`no token in: ${mail.text}`);
  return decodeURIComponent(token);
}

export function recipientOf(mail: ParsedMail): string {
  const to = Array.isArray(mail.to) ? mail.to[0] : mail.to;
  return to?.value[0]?.address ?? '';
}

/** Every mail that the worker has written to a data folder. */
export async function readMails(dataDir: string): Promise<ParsedMail[]> {
  const folder = join(dataDir, 'mail');
  const files = await readdir(folder).catch(() => []);
  return Promise.all(
    files
      .filter((file) => file.endsWith('.eml'))
      .map(async (file) => simpleParser(await readFile(join(folder, file)))),
  );
}
