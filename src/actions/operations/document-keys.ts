import { createPrivateKey, sign } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { DocumentSignature } from '../../domain/lifecycle/certificate.ts';
import { SigningKey } from '../../db/entities/control.ts';
import type { ControlScope } from '../../db/scope.ts';
import { addKey, lockKeys } from './signing-keys.ts';

const purpose = 'documents';
const privateJwk = z.object({ kty: z.string(), crv: z.string(), x: z.string(), d: z.string() });

/** Makes sure that there is a key to sign documents with. It stays: a document is checked for years. */
export async function ensureDocumentKey(scope: ControlScope): Promise<void> {
  await lockKeys(scope);
  if ((await scope.em.count(SigningKey, { purpose })) === 0)
    await addKey(scope, { purpose, signsFrom: scope.now });
}

/** The public keys that documents are checked with (RFC 7517 §5). */
export async function listDocumentKeys({ em }: ControlScope) {
  const keys = await em.find(SigningKey, { purpose }, { orderBy: { signsFrom: 'asc' } });
  return { keys: keys.map(({ publicJwk }) => publicJwk) };
}

/** Signs a document as its canonical JSON (RFC 8785) with Ed25519 (RFC 8032). */
export async function signDocument(
  { em, ports }: ControlScope,
  document: object,
): Promise<DocumentSignature> {
  const [key] = await em.find(SigningKey, { purpose }, { orderBy: { signsFrom: 'desc' }, limit: 1 });
  if (!key) throw new Error('there is no key to sign documents with');
  const opened: unknown = JSON.parse(ports.master.openText(key.privateKeySealed, `signing_key:${key.id}`));
  const privateKey = createPrivateKey({ key: privateJwk.parse(opened), format: 'jwk' });
  const value = sign(null, Buffer.from(canonicalJson(document)), privateKey).toString('base64url');
  return { algorithm: 'EdDSA', keyId: key.id, value };
}
