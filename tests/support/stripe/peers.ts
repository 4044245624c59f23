import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startLocalStripe } from './local-stripe.ts';

/** Somebody who answers as Stripe does, in whole or only for customers. */
export type Peer = {
  name: string;
  /** Why it is not asked; `null`: it is. */
  skipped: string | null;
  scope: 'all' | 'customers';
  start: () => Promise<{ secretKey: string; apiBase: string | null; stop: () => Promise<void> }>;
};

/** Our simulator, Stripe's test mode where a key is given, and localstripe where it is installed. */
export async function findPeers(): Promise<Peer[]> {
  const key = process.env['STRIPE_TEST_SECRET_KEY'] ?? '';
  const command = process.env['LOCALSTRIPE'] ?? 'localstripe';
  const hasLocalstripe = await promisify(execFile)(command, ['--help']).then(
    () => true,
    () => false,
  );
  const peers: Peer[] = [
    { name: 'the simulator', skipped: null, scope: 'all', start: startSimulator },
    {
      name: "Stripe's test mode",
      skipped: key.startsWith('sk_test_')
        ? null
        : 'STRIPE_TEST_SECRET_KEY is not set to a key of the test mode',
      scope: 'all',
      start: async () => ({ secretKey: key, apiBase: null, stop: async () => undefined }),
    },
    {
      name: 'localstripe',
      skipped: hasLocalstripe ? null : 'localstripe (from PyPI) is not installed, nor named by LOCALSTRIPE',
      scope: 'customers',
      start: () => startLocalstripe(command),
    },
  ];
  for (const { name, skipped } of peers) if (skipped !== null) console.log(`skipped: ${name}: ${skipped}`);
  return peers;
}

async function startSimulator() {
  const stripe = await startLocalStripe();
  return { secretKey: stripe.secretKey, apiBase: stripe.url, stop: stripe.close };
}

async function startLocalstripe(command: string) {
  const port = await freePort();
  const child = spawn(command, ['--port', String(port), '--from-scratch'], { stdio: 'ignore' });
  const apiBase = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries += 1) {
    const answers = await fetch(apiBase).then(
      () => true,
      () => false,
    );
    if (answers) break;
    await delay(50);
  }
  const stop = async () => void child.kill();
  return { secretKey: 'sk_test_12345', apiBase, stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
