import { type KeyObject, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { canonicalJson } from '../domain/canonical-json.ts';
import { type Command, CommandFailed, oneLine, readWords, UsageError } from './command.ts';
import { fetchDocumentKey, findKey } from './document-key.ts';

type Fields = Readonly<Record<string, unknown>>;
type Signature = { keyId: string; bytes: Buffer };

/** Checks a certificate of deletion by its signature, with nothing but the published key. */
export const verifyCertificate: Command = {
  help: `tenantry verify-certificate FILE

  Checks a certificate of deletion: that it was signed with the published key, and that not one byte
  of it has changed since. Prints what it says.

  --key FILE     the public key, as PEM or as the published JSON; nothing is asked of anybody then
  --url URL      where the service is that publishes it (or TENANTRY_URL; http://localhost:3000 when left out)`,
  async run(words, { env }) {
    const { values, positionals } = readWords(words, { key: { type: 'string' }, url: { type: 'string' } });
    const [file, ...rest] = positionals;
    if (file === undefined || rest.length > 0) throw new UsageError('name one file');
    if (values.key !== undefined && values.url !== undefined)
      throw new UsageError('give --key or --url, not both');
    const url = values.url ?? (env['TENANTRY_URL'] || 'http://localhost:3000');
    if (!/^https?:\/\//.test(url) || !URL.canParse(url))
      throw new UsageError('--url must be an http or https URL');
    const { key } = values;
    return checkCertificate(await readText(file), async (keyId) =>
      key === undefined ? fetchDocumentKey(url, keyId) : findKey(await readText(key), keyId),
    );
  },
};

/** Checks what a file says with the key that it names; answers a summary. Throws `CommandFailed` with the reason. */
export async function checkCertificate(
  text: string,
  keyOf: (keyId: string) => Promise<KeyObject> | KeyObject,
): Promise<string> {
  const certificate = readCertificate(text);
  const { keyId, bytes } = readSignature(certificate);
  const { signature: _, ...signed } = certificate;
  if (!verify(null, Buffer.from(canonicalJson(signed)), await keyOf(keyId), bytes))
    throw new CommandFailed('not valid: the signature does not fit what the certificate says');
  return summarize(certificate, keyId);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(oneLine(`cannot read ${file}: ${error instanceof Error ? error.message : ''}`));
  }
}

function readCertificate(text: string): Fields {
  const value = parse(text);
  if (!isFields(value) || value['type'] !== 'tenantry.deletion-certificate')
    throw new CommandFailed('not valid: this is not a certificate of deletion');
  if (value['version'] !== 1) throw new CommandFailed('not valid: it is of a version that is not known here');
  // A name that stands twice, or a letter written as an escape, would be lost in reading and pass unseen.
  if (!isLaidOut(text.replace(/\r?\n$/, ''), value))
    throw new CommandFailed('not valid: it is not written as JSON is when a program writes it');
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandFailed('not valid: the file is not JSON');
  }
}

/** Whether this is how a program lays the value out: on one line, with or without spaces, or indented. */
function isLaidOut(text: string, value: unknown): boolean {
  if (text === JSON.stringify(value)) return true;
  if ([2, 1, 3, 4, 8, '\t'].some((indent) => text === JSON.stringify(value, null, indent))) return true;
  const spaced = JSON.stringify(value, null, 1)
    .replaceAll(/([[{])\n */g, '$1')
    .replaceAll(/\n *([\]}])/g, '$1')
    .replaceAll(/,\n */g, ', ');
  return text === spaced;
}

function readSignature(certificate: Fields): Signature {
  const signature = certificate['signature'];
  if (!isFields(signature) || Object.keys(signature).toSorted().join() !== 'algorithm,keyId,value')
    throw new CommandFailed('not valid: it is not signed');
  const { algorithm, keyId, value } = signature;
  if (algorithm !== 'EdDSA' || typeof keyId !== 'string' || typeof value !== 'string')
    throw new CommandFailed('not valid: it is not signed with Ed25519');
  const bytes = Buffer.from(value, 'base64url');
  if (bytes.length !== 64 || bytes.toString('base64url') !== value)
    throw new CommandFailed('not valid: its signature is none');
  return { keyId, bytes };
}

function summarize(certificate: Fields, keyId: string): string {
  const { rows, backups } = certificate;
  const counts = isFields(rows) ? Object.entries(rows) : [];
  const total = counts.reduce((sum, [, count]) => sum + Number(count), 0);
  return [
    'valid: this certificate was signed with the published key, and nothing in it has changed',
    '',
    `  tenant           ${text(certificate['tenantId'])}`,
    `  deletion         ${text(certificate['startedAt'])} to ${text(certificate['completedAt'])}`,
    `  key destroyed    ${text(certificate['keyDestroyedAt'])}`,
    `  rows             ${total} in ${counts.length} tables`,
    `  files            ${text(certificate['files'])} (${text(certificate['bytes'])} bytes)`,
    `  jobs, mails      ${text(certificate['jobs'])}, ${text(certificate['mails'])}`,
    `  backups until    ${isFields(backups) ? text(backups['mayHoldUntil']) : ''}`,
    `  signed with      ${keyId}`,
  ].join('\n');
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
