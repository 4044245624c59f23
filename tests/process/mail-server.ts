import { once } from 'node:events';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';
import { recipientOf } from '../support/mails.ts';

/** A mail server that takes what it is given, or tells its clients to come again. It ends after the test. */
export async function aMailServer() {
  const mails: ParsedMail[] = [];
  let refusing = false;
  let refused = 0;
  const take = async (stream: Parameters<typeof simpleParser>[0]) => {
    const mail = await simpleParser(stream);
    if (refusing) refused += 1;
    else mails.push(mail);
    return refusing ? Object.assign(new Error('try again later'), { responseCode: 451 }) : null;
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, answer) {
      void take(stream).then(answer, answer);
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    refuse: (yes: boolean) => void (refusing = yes),
    refused: () => refused,
    recipients: () => mails.map(recipientOf).toSorted((one, other) => one.localeCompare(other)),
  };
}
