import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import { afterAll } from 'vitest';

/** What a name leads to, asked for the n-th time (from 1); an empty list is no address, `null` no answer at all. */
type Zone = (name: string, nth: number) => readonly string[] | null;

const types = { A: 1, AAAA: 28 };

/** A name server on the loopback (RFC 1035), and a resolver that asks it and nobody else. */
export async function openNameServer(zone: Zone) {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, type, end } = readQuestion(query);
    if (type === types.A) asked.push(name);
    const found = zone(name, Math.max(1, asked.filter((each) => each === name).length));
    if (!found) return;
    const wanted = found.filter((address) => isIPv4(address) === (type === types.A));
    socket.send(answerTo(query.subarray(0, end), type, wanted), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  afterAll(() => socket.close());
  const resolver = new Resolver({ timeout: 5000, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    /** Names that were asked for, once for each look-up. */
    asked,
    resolve: async (name: string) => {
      const v4 = await resolver.resolve4(name).catch(() => []);
      const v6 = await resolver.resolve6(name).catch(() => []);
      return [
        ...v4.map((address) => ({ address, family: 4 })),
        ...v6.map((address) => ({ address, family: 6 })),
      ];
    },
  };
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function answerTo(question: Buffer, type: number, addresses: readonly string[]): Buffer {
  const message = Buffer.from(question);
  message.writeUInt16BE(0x8180, 2);
  message.writeUInt16BE(addresses.length, 6);
  message.writeUInt32BE(0, 8);
  const records = addresses.map((address) => {
    const data = bytesOf(address);
    const head = Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]);
    return Buffer.concat([head, data]);
  });
  return Buffer.concat([message, ...records]);
}

function bytesOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const zeros = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array.from({ length: zeros }, () => '0'), ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function groups(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
