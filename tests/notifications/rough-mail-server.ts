import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** How a mail server treats a mail. `lost_answer`: it takes the mail, and the line breaks before it says so. */
export type Treatment = 'accept' | 'refuse' | 'hang_up' | 'lost_answer';

export type Arrival = { messageId: string; to: string; subject: string };

/** A real mail server that treats each mail as `treat` says. */
export async function openRoughMailServer(treat: () => Treatment) {
  const arrived: Arrival[] = [];
  const take = async (stream: Parameters<typeof simpleParser>[0]): Promise<Treatment> => {
    const { messageId = '', to, subject = '' } = await simpleParser(stream);
    const treatment = treat();
    const first = Array.isArray(to) ? to[0] : to;
    if (treatment === 'accept' || treatment === 'lost_answer')
      arrived.push({ messageId, to: first?.value[0]?.address ?? '', subject });
    return treatment;
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, { id }, answer) {
      const hangUp = () => {
        for (const connection of server.connections) if (connection.id === id) connection.close();
      };
      const answers: Record<Treatment, () => void> = {
        accept: () => answer(),
        refuse: () => answer(new Error('try again later')),
        hang_up: hangUp,
        lost_answer: hangUp,
      };
      void take(stream).then((treatment) => answers[treatment](), answer);
    },
  });
  const socket = server.listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    arrived,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
