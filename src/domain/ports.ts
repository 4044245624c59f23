import type { BillingGateway } from './billing/gateway.ts';
import type { DunningDays } from './billing/dunning.ts';

/** What the actions ask of the world outside, as types; `src/infra` implements them and the roof hands them in. */

/** Seals small secrets so that only the same key and the same context open them again. */
export type SecretBox = {
  seal(plain: string | Uint8Array, context: string): string;
  open(sealed: string, context: string): Uint8Array;
  openText(sealed: string, context: string): string;
};

/** One key per tenant, kept outside the database. */
export type TenantKeys = {
  create(tenantId: string): Promise<SecretBox>;
  /** Never makes one: `null` when it is not made yet, or destroyed. */
  get(tenantId: string): Promise<SecretBox | null>;
  /** Destroys it: what it sealed cannot be read any more, in any backup. Harmless twice. */
  destroy(tenantId: string): Promise<void>;
};

/** What a tenant stores, under a prefix of its own. */
export type TenantFiles = {
  /**
   * Stores a file as it is given, sealed by who gives it. Throws, and leaves nothing, when the tenant's key is
   * destroyed before it is there.
   */
  put(tenantId: string, name: string, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<number>;
  /** The bytes as they were given, or those from the first to the last of a range; `null` where there are none. */
  read(
    tenantId: string,
    name: string,
    range?: { start: number; end: number },
  ): Promise<AsyncIterable<Uint8Array> | null>;
  /** How many bytes are there; `null` where there is nothing. */
  size(tenantId: string, name: string): Promise<number | null>;
  /** Harmless twice. */
  delete(tenantId: string, name: string): Promise<void>;
  /** What lies in a folder, such as `projects/`. */
  list(tenantId: string, folder: string): AsyncIterable<{ name: string; bytes: number; storedAt: Date }>;
  measure(tenantId: string): Promise<{ files: number; bytes: number }>;
  /** Deletes everything. Harmless twice. */
  deleteAll(tenantId: string): Promise<void>;
  /** Removes what was begun before that moment for any tenant and is still half-written; answers how much. */
  tidy(before: Date): Promise<number>;
};

/** Covers the bytes of files so that they are read with their key alone. */
export type FileCipher = {
  /** A key for one file and no other. */
  createKey(): Uint8Array;
  /** Covers bytes, or uncovers covered ones, that begin `from` bytes into their file. */
  cover(key: Uint8Array, bytes: AsyncIterable<Uint8Array>, from?: number): AsyncIterable<Uint8Array>;
};

/** Bearer secrets: made once, stored as hashes. */
export type Tokens = {
  /** A new token; with a tenant's id it carries it, so that it routes itself. */
  create(prefix: string, tenantId?: string): string;
  /** The tenant that a token names: a claim, not a proof. */
  tenantOf(token: string): string | null;
  hash(token: string): string;
};

/** Passwords: hashed slowly, compared in a time that does not tell whether there is one. */
export type Passwords = {
  hash(password: string): Promise<string>;
  verify(password: string, hash: string | null): Promise<boolean>;
  /** Refuses with `INVALID_INPUT` a password that is too weak, and says why. */
  requireStrong(password: string, about: readonly string[]): Promise<void>;
};

/** Signing key pairs for access tokens. */
export type KeyPairs = {
  /** A new Ed25519 pair: its id, the public key as a JWK, the private key as text. */
  create(): Promise<{ id: string; publicJwk: Record<string, unknown>; privateKey: string }>;
};

/** What webhooks need to be made; they are sent by the worker alone. */
export type WebhookPort = {
  /** Whether plain http is allowed: where the operator has named networks that may be reached. */
  plainHttp: boolean;
  /** A new signing secret, in the form of Standard Webhooks: `whsec_` and 32 random bytes in base64. */
  createSecret(): string;
};

export type Ports = {
  /** The box of `SECRET_KEY`. */
  master: SecretBox;
  tenantKeys: TenantKeys;
  files: TenantFiles;
  fileCipher: FileCipher;
  /** A secret box of a key of 32 bytes. */
  createBox(key: Uint8Array): SecretBox;
  tokens: Tokens;
  passwords: Passwords;
  keyPairs: KeyPairs;
  webhooks: WebhookPort;
  /**
   * Who collects payments; `null`: billing is off. Whether it is on is for everyone to see; it is asked outside
   * transactions alone.
   */
  billing: BillingGateway | null;
  /** What happens to who does not pay, and when. */
  dunning: DunningDays;
};
