import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { replaceFile } from './durable-file.ts';

export type Mail = {
  /** The same id is the same mail: sent again it has the same Message-ID, and as a file it stays one file. */
  id: string;
  to: string;
  subject: string;
  text: string;
  html: string;
};

export type Mailer = {
  /** Hands a mail over. Throws when it was not accepted; sending it again is safe. */
  send(mail: Mail): Promise<void>;
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
    close: () => transport.close(),
  };
}

function createFileMailer(folder: string, compose: Compose): Mailer {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    async send(mail) {
      const { message } = await transport.sendMail(compose(mail));
      if (!Buffer.isBuffer(message)) throw new Error('a composed mail is not a buffer');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await replaceFile(join(folder, fileNameOf(mail.id)), message);
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

/** Readable by its beginning, unique by its end. */
function fileNameOf(id: string): string {
  const readable = id.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 60);
  return `${readable}-${digestOf(id).slice(0, 16)}.eml`;
}

function digestOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 40);
}
