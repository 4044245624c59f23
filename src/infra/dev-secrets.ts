import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createFile, ensureDataDir } from './durable-file.ts';
import { createToken } from './secrets.ts';

const storedSecrets = z.object({ secretKey: z.base64(), bootstrapOperatorToken: z.string().min(1) });

export type DevSecrets = { secretKey: Buffer; bootstrapOperatorToken: string };

/**
 * The secrets of a development service: made once and kept in `DATA_DIR/dev-secrets.json`, which
 * only its owner can read. Of several processes that start at once all get the same ones.
 */
export async function loadDevSecrets(dataDir: string): Promise<DevSecrets> {
  const path = join(dataDir, 'dev-secrets.json');
  await ensureDataDir(dataDir);
  const fresh = {
    secretKey: randomBytes(32).toString('base64'),
    bootstrapOperatorToken: createToken('bootstrap'),
  };
  await createFile(path, `${JSON.stringify(fresh, null, 2)}\n`);
  const { secretKey, bootstrapOperatorToken } = storedSecrets.parse(JSON.parse(await readFile(path, 'utf8')));
  return { secretKey: Buffer.from(secretKey, 'base64'), bootstrapOperatorToken };
}
