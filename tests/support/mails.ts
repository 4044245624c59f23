import { readdir, readFile, stat } from 'node:fs/promises';
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

const read = new Map<string, { at: number; mail: Promise<ParsedMail> }>();

/** Every mail that the worker has written to a data folder. A file is parsed again only when it has been replaced. */
export async function readMails(dataDir: string): Promise<ParsedMail[]> {
  const folder = join(dataDir, 'mail');
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  return Promise.all(
    files.filter((file) => file.endsWith('.eml')).map((file) => readMail(join(folder, file))),
  );
}

async function readMail(path: string): Promise<ParsedMail> {
  const { mtimeMs: at } = await stat(path);
  const known = read.get(path);
  if (known?.at === at) return known.mail;
  const mail = readFile(path).then((text) => simpleParser(text));
  read.set(path, { at, mail });
  return mail;
}
