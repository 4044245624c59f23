import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { replaceFile, syncFolder } from './durable-file.ts';
import { hasCode } from './system-error.ts';

export type Mail = {
  /** The same id is the same mail: sent again it has the same Message-ID, and as a file it stays one file. */
  id: string;
  /** The id of the tenant or person it is about: as a file it is found again by that, and goes with them. */
  about?: string | undefined;
  to: string;
  subject: string;
  text: string;
  html: string;
};

export type Mailer = {
  /** Hands a mail over. Throws when it was not accepted; sending it again is safe. */
  send(mail: Mail): Promise<void>;
  /** How many mails about a tenant or person are kept here. */
  count(about: string): Promise<number>;
  /** Deletes every mail about a tenant or person that is kept here; those on their way over SMTP are not. */
  forget(about: string): Promise<void>;
  close(): void;
};

export type MailerOptions = {
  /** Null: mails become files in `DATA_DIR/mail`. */
  smtpUrl: string | null;
  dataDir: string;
  from: string;
};

/** Sends over SMTP, or writes `.eml` files where there is no server. */
export function createMailer({ smtpUrl, dataDir, from }: MailerOptions): Mailer {
  const compose = composeFor(from);
  return smtpUrl === null
    ? createFileMailer(join(dataDir, 'mail'), compose)
    : createSmtpMailer(smtpUrl, compose);
}

function createSmtpMailer(smtpUrl: string, compose: Compose): Mailer {
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: 3,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
  });
  return {
    async send(mail) {
      await transport.sendMail(compose(mail));
    },
    count: () => Promise.resolve(0),
    forget: () => Promise.resolve(),
    close: () => transport.close(),
  };
}

function createFileMailer(folder: string, compose: Compose): Mailer {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  // What a crash left half-written has a dot before its name.
  const kept = async (about: string) =>
    (await namesIn(folder)).filter((name) => name.startsWith(`${about}.`) || name.startsWith(`.${about}.`));
  return {
    async send(mail) {
      const { message } = await transport.sendMail(compose(mail));
      if (!Buffer.isBuffer(message)) throw new Error('a composed mail is not a buffer');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await replaceFile(join(folder, fileNameOf(mail)), message);
    },
    count: async (about) => (await kept(about)).length,
    async forget(about) {
      const names = await kept(about);
      for (const name of names) await rm(join(folder, name), { force: true });
      if (names.length > 0) await syncFolder(folder);
    },
    close: () => transport.close(),
  };
}

type Compose = ReturnType<typeof composeFor>;

function composeFor(from: string) {
  const host = /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
  return ({ id, to, subject, text, html }: Mail) => ({
    from,
    // An object is one address, whatever commas it holds; a string would be read as a list.
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId: `<${digestOf(id)}@${host}>`,
    headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834 §5: no out-of-office answers, please.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** Whom it is about by its beginning, readable, unique by its end. */
function fileNameOf({ id, about }: Mail): string {
  const readable = id.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 60);
  const name = `${readable}-${digestOf(id).slice(0, 16)}.eml`;
  return about === undefined ? name : `${about}.${name}`;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function digestOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 40);
}
