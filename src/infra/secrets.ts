import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { validate } from 'uuid';
import type { SecretBox } from '../domain/ports.ts';

const version = 'v1';
const nonceBytes = 12;
const tagBytes = 16;
const uuidBytes = 16;
const tokenBytes = 32;

/**
 * AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D §8.2.2) and the context as associated
 * data. The version in front names the format, so that a later one can stand beside it.
 */
export function createSecretBox(key: Uint8Array): SecretBox {
  if (key.length !== 32) throw new Error(`a secret box needs a key of 32 bytes: this one has ${key.length}`);

  function open(sealed: string, context: string): Buffer {
    const [prefix, text, ...rest] = sealed.split('.');
    if (prefix !== version || !text || rest.length > 0) throw new Error('sealed text of an unknown format');
    const bytes = Buffer.from(text, 'base64url');
    if (bytes.length < nonceBytes + tagBytes) throw new Error('sealed text is too short');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes));
    decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  }

  return {
    seal(plain, context) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      return `${version}.${sealed.toString('base64url')}`;
    },
    open,
    openText: (sealed, context) => open(sealed, context).toString('utf8'),
  };
}

/**
 * A bearer token: a prefix that secret scanners can find, then 32 random bytes in base64url. With a
 * tenant it carries the tenant's id in front of them, so that it routes itself before any look-up.
 */
export function createToken(prefix: string, tenantId?: string): string {
  if (!/^[a-z][a-z0-9]*$/.test(prefix)) throw new Error(`not a token prefix: ${prefix}`);
  if (tenantId !== undefined && !validate(tenantId)) throw new Error('not the id of a tenant');
  const tenant = Buffer.from((tenantId ?? '').replaceAll('-', ''), 'hex');
  return `${prefix}_${Buffer.concat([tenant, randomBytes(tokenBytes)]).toString('base64url')}`;
}

/** The tenant that a token names, or null. A claim, not a proof: only the stored hash proves. */
export function readTokenTenant(token: string): string | null {
  const [, text] = /^[a-z][a-z0-9]*_([A-Za-z0-9_-]{64})$/.exec(token) ?? [];
  if (!text) return null;
  const tenantId = Buffer.from(text, 'base64url').toString('hex', 0, uuidBytes);
  const dashed = tenantId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return validate(dashed) ? dashed : null;
}

/** What is stored of a token: SHA-256 in hex. Enough for 32 random bytes, and only for such. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Compares two secrets in a time that tells neither their difference nor their length. */
export function equalsSecret(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
