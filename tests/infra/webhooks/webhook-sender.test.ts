import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { createServer } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { createWebhookSender } from '../../../src/infra/webhooks/webhook-sender.ts';
import { createWebhookSecret } from '../../../src/infra/webhooks/webhook-signatures.ts';
import { ecdsaKey } from '../../support/saml-keys.ts';
import { openReceiver, proves } from '../../webhooks/receiver.ts';
import { openNameServer } from './dns-server.ts';

const receiver = await openReceiver();
afterEach(() => {
  receiver.received.length = 0;
  receiver.accepts();
});

const secrets = [createWebhookSecret()];
const messageTo = (url: string) => ({
  url,
  secrets,
  id: 'event-1',
  at: new Date(),
  body: JSON.stringify({ type: 'tenant.suspended', data: { tenant: { name: 'Zoë' } } }),
});
const closed = createWebhookSender({ allowedNetworks: [], timeoutMs: 2000 });
const open = createWebhookSender({ allowedNetworks: ['127.0.0.0/8'], timeoutMs: 2000 });
const notAllowed = {
  delivered: false,
  status: null,
  error: 'the host leads to an address that is not allowed',
};

/** A sender to one address of the loopback, with a name server that answers as it is told. */
async function toName(zone: Parameters<typeof openNameServer>[0]) {
  const { asked, resolve } = await openNameServer(zone);
  const sender = createWebhookSender({ allowedNetworks: ['127.0.0.1/32'], timeoutMs: 2000, resolve });
  return { asked, sender };
}

test('what is sent arrives as it is, signed with each secret', async () => {
  const both = [createWebhookSecret(), createWebhookSecret()];
  const message = { ...messageTo(`${receiver.url}?key=1`), secrets: both };

  expect(await open.send(message)).toEqual({ delivered: true, status: 204, error: null });
  const [received] = receiver.received;
  if (!received) throw new Error('nothing arrived');
  expect(received.body).toBe(message.body);
  expect(received.id).toBe('event-1');
  expect(both.map((secret) => proves(secret, received))).toEqual([true, true]);
  expect(proves(createWebhookSecret(), received)).toBe(false);
});

describe('an address that is not public is never connected to', () => {
  test.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0.0.0.0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '169.254.169.254',
    '10.0.0.1',
    '[fd00:ec2::254]',
    'localhost',
    'LOCALHOST',
  ])('%s', async (host) => {
    for (const scheme of ['http', 'https'])
      expect(await closed.send(messageTo(`${scheme}://${host}:${receiver.port}/`))).toEqual(notAllowed);

    expect(receiver.received).toEqual([]);
  });

  test('also when the operator has opened another network', async () => {
    const other = createWebhookSender({ allowedNetworks: ['10.0.0.0/8'], timeoutMs: 2000 });

    expect(await other.send(messageTo(receiver.url))).toEqual(notAllowed);
  });
});

describe('a name', () => {
  const url = `http://hooks.example:${receiver.port}/hook`;

  test.each([
    [['10.0.0.1']],
    [['127.0.0.1', '10.0.0.1']],
    [['127.0.0.1', '127.0.0.2']],
    [['93.184.216.34', '169.254.169.254']],
    [['127.0.0.1', 'fe80::1']],
    [['127.0.0.1', '::ffff:a00:1']],
  ])('that leads to %j is refused whole', async (addresses) => {
    const { sender } = await toName(() => addresses);

    expect(await sender.send(messageTo(url))).toEqual(notAllowed);
    expect(receiver.received).toEqual([]);
  });

  test('is looked up once: what it leads to a moment later does not matter', async () => {
    const { sender, asked } = await toName((_, nth) => (nth === 1 ? ['127.0.0.1'] : ['127.0.0.2']));

    expect(await sender.send(messageTo(url))).toMatchObject({ delivered: true });
    expect(asked).toEqual(['hooks.example']);
    expect(receiver.received[0]?.headers['host']).toBe(`hooks.example:${receiver.port}`);
  });

  test('that is public is not reached over http, for only networks the operator names are', async () => {
    const { sender } = await toName(() => ['93.184.216.34']);

    expect(await sender.send(messageTo(url))).toEqual({
      delivered: false,
      status: null,
      error: 'http is not allowed here',
    });
  });

  test('that leads nowhere, or whose server is silent, is said to', async () => {
    const { sender } = await toName(() => []);
    const silent = await toName(() => null);

    expect(await sender.send(messageTo(url))).toMatchObject({ error: 'the host has no address' });
    expect(await silent.sender.send(messageTo(url))).toMatchObject({ error: 'no answer in time' });
  });

  test('is proved by its certificate over https', async () => {
    const server = createTlsServer(
      { key: ecdsaKey.privateKeyPem, cert: ecdsaKey.certificatePem },
      (_, response) => response.writeHead(202).end(),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { sender } = await toName(() => ['127.0.0.1']);

    const strange = await sender.send(messageTo(`https://ec-p256:${port}/`));
    setDefaultCACertificates([...getCACertificates(), ecdsaKey.certificatePem]);
    const known = await sender.send(messageTo(`https://ec-p256:${port}/`));
    const other = await sender.send(messageTo(`https://hooks.example:${port}/`));
    server.close();

    expect(strange.error).toBe('could not be sent: DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(known).toEqual({ delivered: true, status: 202, error: null });
    expect(other.error).toBe('could not be sent: ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

test.each([301, 302, 303, 307, 308])('a redirect (%i) is not followed', async (status) => {
  const elsewhere = await openReceiver();
  receiver.answers((_, response) => response.writeHead(status, { location: elsewhere.url }).end());

  expect(await open.send(messageTo(receiver.url))).toEqual({
    delivered: false,
    status,
    error: `answered ${status}: redirects are not followed`,
  });
  expect(elsewhere.received).toEqual([]);
});

test.each([200, 201, 299, 400, 404, 410, 500, 503])(
  'an answer of %i counts by its first digit',
  async (status) => {
    receiver.answersWith(status);

    expect(await open.send(messageTo(receiver.url))).toMatchObject({ status, delivered: status < 300 });
  },
);

test('an answer without end is cut off, and counts by its status', async () => {
  let gone = false;
  receiver.answers((_, response) => {
    response.writeHead(200);
    const pour = () => {
      while (response.write('x'.repeat(65_536)));
    };
    response.on('drain', pour).on('close', () => (gone = true));
    pour();
  });
  const began = performance.now();

  expect(await open.send(messageTo(receiver.url))).toMatchObject({ delivered: true });
  expect(performance.now() - began).toBeLessThan(1500);
  await expect.poll(() => gone).toBe(true);
});

test('a receiver that says nothing, or stops in the middle of its headers, is given up', async () => {
  const impatient = createWebhookSender({ allowedNetworks: ['127.0.0.0/8'], timeoutMs: 300 });
  const halting = createServer((socket) => void socket.write('HTTP/1.1 200 OK\r\nX-A: 1\r\n'));
  halting.listen(0, '127.0.0.1');
  await once(halting, 'listening');
  const address = halting.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  receiver.answers(() => {});

  expect(await impatient.send(messageTo(receiver.url))).toMatchObject({ error: 'no answer in time' });
  expect(await impatient.send(messageTo(`http://127.0.0.1:${port}/`))).toMatchObject({
    error: 'no answer in time',
  });
  halting.close();
});

test('where nobody listens, and where something else answers, is said in a few words', async () => {
  const nobody = await openReceiver();
  nobody.close();
  const babbling = createServer((socket) => void socket.end('220 mail.example ESMTP\r\n'));
  babbling.listen(0, '127.0.0.1');
  await once(babbling, 'listening');
  const address = babbling.address();
  const port = typeof address === 'object' && address ? address.port : 0;

  expect(await open.send(messageTo(nobody.url))).toMatchObject({
    error: 'could not be sent: ECONNREFUSED',
  });
  expect((await open.send(messageTo(`http://127.0.0.1:${port}/`))).error).toMatch(
    /^could not be sent: (?:HPE_|ECONNRESET)/,
  );
  babbling.close();
});
