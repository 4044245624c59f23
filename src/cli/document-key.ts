import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { deepestMessage } from './call.ts';
import { CommandFailed, oneLine } from './command.ts';

/** The key with this id among those that a service publishes. Throws `CommandFailed` without one. */
export async function fetchDocumentKey(url: string, keyId: string): Promise<KeyObject> {
  const address = `${url.replace(/\/+$/, '')}/.well-known/document-keys.json`;
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(address);
    text = await answer.text();
  } catch (error) {
    throw new CommandFailed(oneLine(`cannot read ${address}: ${deepestMessage(error)}`));
  }
  if (!answer.ok) throw new CommandFailed(`cannot read ${address}: it answers ${answer.status}`);
  return findKey(text, keyId);
}

/** The key with this id in a file: PEM, one JWK, or a set of them as it is published. Throws `CommandFailed`. */
export function findKey(text: string, keyId: string): KeyObject {
  const key = readKeys(text).find((each) => thumbprintOf(each) === keyId);
  if (!key)
    throw new CommandFailed(`not valid: it was signed with the key ${keyId}, which is not among those given`);
  return key;
}

function readKeys(text: string): KeyObject[] {
  try {
    const keys = text.includes('-----BEGIN') ? [createPublicKey(text)] : readJwks(JSON.parse(text));
    return keys.filter((key) => key.asymmetricKeyType === 'ed25519');
  } catch (error) {
    throw new CommandFailed(
      oneLine(`the key cannot be read: ${error instanceof Error ? error.message : ''}`),
    );
  }
}

function readJwks(value: unknown): KeyObject[] {
  const listed: unknown[] = isObject(value) && Array.isArray(value['keys']) ? value['keys'] : [value];
  return listed.flatMap((jwk) => {
    if (!isObject(jwk)) return [];
    const { kty, crv, x } = jwk;
    const isOurs = kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string';
    return isOurs ? [createPublicKey({ key: { kty, crv, x }, format: 'jwk' })] : [];
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** A key's id is its thumbprint (RFC 7638), so that it can't be passed off as another. */
function thumbprintOf(key: KeyObject): string {
  const { x } = key.export({ format: 'jwk' });
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
}
