import { Refusal } from '../../domain/refusal.ts';

/** Which version of a file a request wants: its `If-…` headers (RFC 9110 §13.1). */
export type Conditions = {
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  ifModifiedSince: string | undefined;
  ifUnmodifiedSince: string | undefined;
  ifRange: string | undefined;
};

type Version = { etag: string; modifiedAt: Date };

/** Reads the conditions of a request. */
export function readConditions(header: (name: string) => string | undefined): Conditions {
  return {
    ifMatch: header('if-match'),
    ifNoneMatch: header('if-none-match'),
    ifModifiedSince: header('if-modified-since'),
    ifUnmodifiedSince: header('if-unmodified-since'),
    ifRange: header('if-range'),
  };
}

/** What conditions come to for who reads, in the order of RFC 9110 §13.2.2. */
export function judgeReading(conditions: Conditions, version: Version): 'read' | 'unchanged' | 'failed' {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, version.etag)) return 'failed';
  } else if (secondsOf(ifUnmodifiedSince) < secondsOf(version.modifiedAt)) return 'failed';
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, version.etag, 'weak') ? 'unchanged' : 'read';
  return secondsOf(ifModifiedSince) >= secondsOf(version.modifiedAt) ? 'unchanged' : 'read';
}

/** Whether who writes finds what it expects; `etag` is `null` where there is no file. */
export function mayWrite({ ifMatch, ifNoneMatch }: Conditions, etag: string | null): boolean {
  if (ifMatch !== undefined && (etag === null || !matches(ifMatch, etag))) return false;
  return ifNoneMatch === undefined || etag === null || !matches(ifNoneMatch, etag, 'weak');
}

export type Range = { start: number; end: number };

/**
 * The one range that a request asks for (RFC 9110 §14.2): `null` is all of it, as for several at once or for another
 * version; `unsatisfiable` is none of it.
 */
export function readRange(
  range: string | undefined,
  { ifRange }: Conditions,
  { bytes, ...version }: Version & { bytes: number },
): Range | null | 'unsatisfiable' {
  const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(range ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  if (ifRange !== undefined && !isSame(ifRange, version)) return null;
  if (first === '') return Number(last) === 0 || bytes === 0 ? 'unsatisfiable' : tail(Number(last), bytes);
  if (last !== '' && Number(last) < Number(first)) return null;
  if (Number(first) >= bytes) return 'unsatisfiable';
  return { start: Number(first), end: last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1) };
}

/** The SHA-256, in hex, that a request says of its body (RFC 9530), or `null`. */
export function readDigest(header: (name: string) => string | undefined): string | null {
  const said = ['content-digest', 'repr-digest'].flatMap((name) => header(name)?.split(',') ?? []);
  const digests = said.flatMap((member) => {
    const [, algorithm = '', value = ''] = /^[ \t]*([a-z0-9-]+)=(.*?)[ \t]*$/.exec(member) ?? [];
    return algorithm === 'sha-256' ? [decodeDigest(value)] : [];
  });
  if (new Set(digests).size > 1) throw new Refusal('INVALID_INPUT', 'the digests say different things');
  return digests[0] ?? null;
}

/** Says that a browser saves a file, and under which name (RFC 6266, RFC 8187). */
export function attachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

function decodeDigest(value: string): string {
  const bytes = Buffer.from(/^:([A-Za-z0-9+/]{43}=):$/.exec(value)?.[1] ?? '', 'base64');
  if (bytes.length !== 32) throw new Refusal('INVALID_INPUT', 'a digest is written sha-256=:…:, in base64');
  return bytes.toString('hex');
}

function tail(length: number, bytes: number): Range {
  return { start: Math.max(0, bytes - length), end: bytes - 1 };
}

function isSame(ifRange: string, { etag, modifiedAt }: Version): boolean {
  return ifRange.startsWith('"') ? ifRange === etag : secondsOf(ifRange) === secondsOf(modifiedAt);
}

/** Whether a list of entity tags names this one. Weak ones (`W/"…"`) are named for reading only. */
function matches(list: string, etag: string, comparison: 'strong' | 'weak' = 'strong'): boolean {
  if (list.trim() === '*') return true;
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => (comparison === 'weak' ? tag.replace(/^W\//, '') : tag) === etag);
}

/** Seconds, which is all that HTTP dates tell; not a number where there is no date. */
function secondsOf(date: Date | string | undefined): number {
  return Math.floor((date instanceof Date ? date.getTime() : Date.parse(date ?? '')) / 1000);
}
