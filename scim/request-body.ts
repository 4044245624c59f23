import { badRequest, ProtocolError } from './errors.ts';

/** The largest body, in bytes. */
export const maxBodyBytes = 10_000_000;

/** How deep a body may be nested: what SCIM defines needs seven levels. */
const maxDepth = 64;

/**
 * Reads a body as text. `application/json` is taken beside the SCIM type, with any parameters, and so is a
 * body without a type; any other is 415. Over `maxBodyBytes`, as they arrive, is 413.
 */
export async function readText(request: Request): Promise<string> {
  requireJsonType(request.headers.get('content-type'));
  const bytes = await readBytes(request.body);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badRequest('invalidSyntax', 'the body is not UTF-8');
  }
}

/** Parses a body, or 400 invalidSyntax: not JSON, or nested too deep. */
export function parseJson(text: string): unknown {
  requireShallow(text);
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('invalidSyntax', 'the body is not JSON');
  }
}

/** A field of an object by its name in small letters, in whatever case it was sent, the last of several. */
export function readField(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined;
  return Object.entries(object).findLast(([key]) => key.toLowerCase() === name)?.[1];
}

function requireJsonType(contentType: string | null): void {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  if (!type || type === 'application/scim+json' || type === 'application/json') return;
  throw new ProtocolError(415, 'send application/scim+json or application/json');
}

async function readBytes(body: Request['body']): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of readChunks(body)) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new ProtocolError(413, `the body is larger than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** The parts of a body from where it stands. It may be read on after a stop, which `for await` on it forbids. */
async function* readChunks(body: Request['body']): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  try {
    for (;;) {
      const chunk = reader && (await readChunk(reader));
      if (!chunk) return;
      yield chunk;
    }
  } finally {
    reader?.releaseLock();
  }
}

/** The next part of a body; a client that goes away in the middle is not a bug of ours. */
async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value;
  } catch {
    throw badRequest('invalidSyntax', 'the body did not arrive in full');
  }
}

/** Counts brackets outside of strings in one pass, before anything is built from them. */
function requireShallow(text: string): void {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') isInString = !isInString;
    else if (isInString && character === '\\') index += 1;
    else if (isInString) continue;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > maxDepth) {
      throw badRequest('invalidSyntax', `the body is nested deeper than ${maxDepth} levels`);
    }
  }
}
