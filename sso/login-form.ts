import { SamlFailure } from './failures.ts';

/** What an identity provider has the browser post to the ACS (bindings §3.5.4). */
export type LoginResponse = { samlResponse: string; relayState: string | null };

/** The largest body, in bytes. */
const mostBytes = 256 * 1024;

/** Reads the form; refuses with `message_too_large` as it arrives, or `message_malformed`. */
export async function readLoginForm(request: Request): Promise<LoginResponse> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/x-www-form-urlencoded') {
    throw new SamlFailure('message_malformed', { problem: 'not a form', contentType: type });
  }
  const form = new URLSearchParams(await readBody(request));
  const [samlResponse, ...more] = form.getAll('SAMLResponse');
  if (!samlResponse || more.length > 0) {
    throw new SamlFailure('message_malformed', { problem: 'not exactly one SAMLResponse in the form' });
  }
  const relayStates = form.getAll('RelayState');
  return { samlResponse, relayState: relayStates.length === 1 ? (relayStates[0] ?? null) : null };
}

async function readBody({ body, headers }: Request): Promise<string> {
  const announced = Number(headers.get('content-length') ?? 0);
  if (announced > mostBytes) throw tooLarge(announced);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body?.getReader();
  for (;;) {
    const value = reader && (await readChunk(reader));
    if (!value) return Buffer.concat(chunks, size).toString('utf8');
    size += value.length;
    if (size > mostBytes) throw tooLarge(size);
    chunks.push(value);
  }
}

/** The next part of a body; a browser that goes away in the middle is not a bug of ours. */
async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value;
  } catch {
    throw new SamlFailure('message_malformed', { problem: 'the form did not arrive in full' });
  }
}

function tooLarge(bytes: number): SamlFailure {
  return new SamlFailure('message_too_large', { bytes, most: mostBytes });
}
