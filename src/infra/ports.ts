import type { BillingGateway } from '../domain/billing/gateway.ts';
import { defaultDunningDays, type DunningDays } from '../domain/billing/dunning.ts';
import type { Ports } from '../domain/ports.ts';
import { createSigningKeyPair } from './access-tokens.ts';
import { createPasswordStrength } from './password-strength.ts';
import { createPasswordHasher } from './passwords.ts';
import { createSecretBox, createToken, hashToken, readTokenTenant } from './secrets.ts';
import type { Storage } from './storage.ts';
import { createFileCipher } from './storage/file-cipher.ts';
import { createTenantFiles } from './storage/tenant-files.ts';
import { createTenantKeys } from './tenant-keys.ts';
import { createWebhookSecret } from './webhooks/webhook-signatures.ts';

export type PortsOptions = {
  secretKey: Uint8Array;
  storage: Storage;
  /** Networks that webhooks may reach beside the public internet. */
  webhookNetworks?: readonly string[];
  /** Left out: billing is off. */
  billing?: BillingGateway | null;
  dunning?: DunningDays;
};

/** What actions ask of the world outside, made of the real parts. One set per process: it holds a cache and a queue. */
export function createPorts(options: PortsOptions): Ports {
  const master = createSecretBox(options.secretKey);
  const hasher = createPasswordHasher();
  const strength = createPasswordStrength();
  return {
    master,
    tenantKeys: createTenantKeys({ storage: options.storage, wrapper: master }),
    files: createTenantFiles({ storage: options.storage }),
    fileCipher: createFileCipher(),
    createBox: createSecretBox,
    tokens: { create: createToken, tenantOf: readTokenTenant, hash: hashToken },
    passwords: {
      hash: hasher.hashPassword,
      verify: hasher.verifyPassword,
      requireStrong: strength.assessPassword,
    },
    keyPairs: { create: createSigningKeyPair },
    dunning: options.dunning ?? defaultDunningDays,
    webhooks: {
      plainHttp: (options.webhookNetworks ?? []).length > 0,
      createSecret: createWebhookSecret,
    },
    billing: options.billing ?? null,
  };
}
