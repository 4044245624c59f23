import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { createMailer, type Mail } from '../../src/infra/mailer.ts';
import { aDataDir } from './data-dirs.ts';

const from = 'Tenantry <no-reply@example.com>';
const mail: Mail = {
  id: 'tenant:7/mail.suspended',
  to: 'ada@acme.test',
  subject: 'Acme ist gesperrt – für jetzt',
  text: 'Rechnung 7 ist offen.',
  html: '<p>Rechnung <b>7</b> ist offen.</p>',
};

test('a mail arrives over SMTP as it was written', async () => {
  const { smtpUrl, received } = await aServer();
  const mailer = aMailer({ smtpUrl, dataDir: await aDataDir() });

  await mailer.send(mail);

  const [arrived] = received;
  expect(arrived?.recipients).toEqual(['ada@acme.test']);
  const parsed = await simpleParser(arrived?.message ?? '');
  expect(parsed).toMatchObject({ subject: mail.subject, html: mail.html, text: mail.text });
  expect(parsed.from?.text).toBe('"Tenantry" <no-reply@example.com>');
  expect(parsed.messageId).toMatch(/^<[0-9a-f]{40}@example\.com>$/);
  expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
});

test('the same id is the same Message-ID, and another id another', async () => {
  const { smtpUrl, received } = await aServer();
  const mailer = aMailer({ smtpUrl, dataDir: await aDataDir() });

  for (const id of ['a', 'a', 'b']) await mailer.send({ ...mail, id });

  const ids = await Promise.all(received.map(async ({ message }) => (await simpleParser(message)).messageId));
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
});

test('an address is one recipient, whatever it holds, and a subject is no header', async () => {
  const { smtpUrl, received } = await aServer();
  const mailer = aMailer({ smtpUrl, dataDir: await aDataDir() });

  await mailer.send({ ...mail, subject: 'hello\r\nBcc: eve@evil.test' });
  await mailer.send({ ...mail, to: 'ada@acme.test, eve@evil.test' }).catch(() => {});

  expect(received[0]?.recipients).toEqual(['ada@acme.test']);
  expect(received.flatMap(({ recipients }) => recipients)).not.toContain('eve@evil.test');
});

test('a mail that the server refuses is an error', async () => {
  const { smtpUrl, received } = await aServer({ refused: 'ada@acme.test' });
  const mailer = aMailer({ smtpUrl, dataDir: await aDataDir() });

  await expect(mailer.send(mail)).rejects.toThrow('no such mailbox');
  expect(received).toEqual([]);
});

test('without a server mails are files, one for each id, for their owner only', async () => {
  const dataDir = await aDataDir();
  const mailer = aMailer({ smtpUrl: null, dataDir });

  await Promise.all([
    mailer.send(mail),
    mailer.send(mail),
    mailer.send({ ...mail, id: 'tenant:7/mail_suspended' }),
  ]);

  const names = await readdir(join(dataDir, 'mail'));
  expect(names).toHaveLength(2);
  expect(names.every((name) => /^tenant-7-mail-suspended-[0-9a-f]{16}\.eml$/.test(name))).toBe(true);
  const path = join(dataDir, 'mail', names[0] ?? '');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const parsed = await simpleParser(await readFile(path));
  expect(parsed).toMatchObject({ subject: mail.subject, html: mail.html, text: mail.text });
});

test('mails about a tenant are counted and forgotten together, what a crash left half-written too, and no other', async () => {
  const dataDir = await aDataDir();
  const mailer = aMailer({ smtpUrl: null, dataDir });
  const [gone, stays] = [randomUUID(), randomUUID()];
  for (const about of [gone, gone, stays, undefined]) await mailer.send({ ...mail, id: randomUUID(), about });
  await writeFile(join(dataDir, 'mail', `.${gone}.half-written.eml.x`), 'half');
  expect([await mailer.count(gone), await mailer.count(stays)]).toEqual([3, 1]);

  await mailer.forget(gone);
  await mailer.forget(gone);

  expect([await mailer.count(gone), await mailer.count(stays)]).toEqual([0, 1]);
  expect(await readdir(join(dataDir, 'mail'))).toHaveLength(2);
  expect(await aMailer({ smtpUrl: null, dataDir: await aDataDir() }).count(gone)).toBe(0);
});

function aMailer(options: { smtpUrl: string | null; dataDir: string }) {
  const mailer = createMailer({ ...options, from });
  onTestFinished(() => mailer.close());
  return mailer;
}

async function aServer({ refused = '' } = {}) {
  const received: { recipients: string[]; message: Buffer }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, done) =>
      done(address === refused ? new Error('no such mailbox') : null),
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const recipients = envelope.rcptTo.map(({ address }) => address);
        received.push({ recipients, message: Buffer.concat(chunks) });
        done();
      });
    },
  });
  const socket = server.listen(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = socket.address() as AddressInfo;
  return { smtpUrl: `smtp://127.0.0.1:${port}`, received };
}
