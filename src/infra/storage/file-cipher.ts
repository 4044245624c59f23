import { createCipheriv, randomBytes } from 'node:crypto';
import type { FileCipher } from '../../domain/ports.ts';

const blockBytes = 16;

/**
 * AES-256 in counter mode (NIST SP 800-38A §6.5). The counter of a file begins at zero, since no key is used for two
 * files; so any place in it can be read without what is before it, and covered bytes are as many as plain ones.
 */
export function createFileCipher(): FileCipher {
  return {
    createKey: () => randomBytes(32),
    async *cover(key, bytes, from = 0) {
      const counter = Buffer.alloc(blockBytes);
      counter.writeBigUInt64BE(BigInt(Math.floor(from / blockBytes)), blockBytes - 8);
      const cipher = createCipheriv('aes-256-ctr', key, counter);
      cipher.update(Buffer.alloc(from % blockBytes));
      for await (const chunk of bytes) yield cipher.update(chunk);
    },
  };
}
