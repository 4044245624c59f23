import { lookup } from 'node:dns/promises';
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { createAddressGate } from './address-gate.ts';
import { signWebhook } from './webhook-signatures.ts';

export type WebhookMessage = {
  url: string;
  /** Each signs: during a rotation there are two. */
  secrets: readonly string[];
  id: string;
  /** When it is sent; it is signed with the message, so that an old one cannot be played again. */
  at: Date;
  body: string;
};

/** What came of it: the status that was answered, or why there was none. */
export type WebhookOutcome = { delivered: boolean; status: number | null; error: string | null };

export type WebhookSender = {
  /** Posts a message once. Never throws: what went wrong is the outcome. */
  send(message: WebhookMessage): Promise<WebhookOutcome>;
};

type Address = { address: string; family: number };

export type WebhookSenderOptions = {
  /** Networks (CIDR) that may be reached, over http too, beside the public internet. */
  allowedNetworks: readonly string[];
  /** How long all of it may take. */
  timeoutMs?: number;
  /** Finds the addresses of a name; by default the system does. */
  resolve?: (hostname: string) => Promise<Address[]>;
};

/** A message that is not sent, or was not answered, for a reason that its receiver may know. */
class NotSent extends Error {
  override readonly name = 'NotSent';
}

const defaultTimeoutMs = 10_000;
/** Of an answer only the status counts; so much of its body is read before the connection is closed. */
const answerBytes = 16_384;

/**
 * Posts signed messages to addresses of the public internet, and to networks that the operator allows. Every address
 * that a name leads to is looked at, and the connection goes to one of those and no other; redirects are not followed.
 */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { timeoutMs = defaultTimeoutMs, resolve = resolveAll } = options;
  const gate = createAddressGate(options.allowedNetworks);

  async function findAddresses(url: URL): Promise<Address[]> {
    const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const family = isIP(hostname);
    const found = family === 0 ? await resolve(hostname) : [{ address: hostname, family }];
    if (found.length === 0) throw new NotSent('the host has no address');
    const judged = found.map(({ address }) => gate.judge(address));
    if (judged.includes('closed')) throw new NotSent('the host leads to an address that is not allowed');
    if (url.protocol === 'http:' && judged.includes('public')) throw new NotSent('http is not allowed here');
    return found;
  }

  async function post(message: WebhookMessage, signal: AbortSignal): Promise<number> {
    const url = new URL(message.url);
    const addresses = await orAborted(findAddresses(url), signal);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(message.body),
      'user-agent': 'Tenantry-Webhooks',
      ...signWebhook(message, message.secrets),
    };
    const lookup = answerWith(addresses);
    const answer = await exchange(url, { method: 'POST', headers, lookup, signal }, message.body);
    // With its status the message has arrived, whatever becomes of the rest of the answer.
    await readSome(answer).catch(() => {});
    return answer.statusCode ?? 0;
  }

  return {
    async send(message) {
      try {
        const status = await post(message, AbortSignal.timeout(timeoutMs));
        const delivered = status >= 200 && status < 300;
        return { delivered, status, error: delivered ? null : explainStatus(status) };
      } catch (error) {
        return { delivered: false, status: null, error: explain(error) };
      }
    },
  };
}

function resolveAll(hostname: string): Promise<Address[]> {
  return lookup(hostname, { all: true });
}

/** A look-up that knows only the addresses that were looked at. */
function answerWith(addresses: readonly Address[]): LookupFunction {
  return (_, { all }, callback) => {
    const [first] = addresses;
    if (all) return callback(null, [...addresses]);
    return callback(null, first?.address ?? '', first?.family);
  };
}

function exchange(url: URL, options: RequestOptions, body: string): Promise<IncomingMessage> {
  const begin = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    // An agent of its own: no connection is kept that another message, to another address, might take.
    const request = begin(url, { ...options, agent: false });
    request.once('error', reject);
    request.once('response', resolve);
    request.end(body);
  });
}

async function readSome(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += Buffer.byteLength(String(chunk));
    if (bytes > answerBytes) break;
  }
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function explainStatus(status: number): string {
  return status >= 300 && status < 400
    ? `answered ${status}: redirects are not followed`
    : `answered ${status}`;
}

/** Why there was no answer, in words that tell nothing about the network behind us. */
function explain(error: unknown): string {
  if (error instanceof NotSent) return error.message;
  if (!(error instanceof Error)) return 'could not be sent';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in time';
  return 'code' in error && typeof error.code === 'string'
    ? `could not be sent: ${error.code}`
    : 'could not be sent';
}
