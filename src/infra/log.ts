import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';

export type Log = Logger;

export type LogOptions = {
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** `json`: one JSON object a line. `readable`: for a person at a terminal. */
  format: 'json' | 'readable';
  /** Standard output when left out. */
  destination?: DestinationStream;
};

/** Names of fields, in small letters, that are never written. */
const secretFields = new Set([
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'newpassword',
  'currentpassword',
  'passwordhash',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'secret',
  'clientsecret',
  'secretkey',
  'privatekey',
  'samlresponse',
]);
const deepest = 6;

/** Machines read JSON lines: in production always, elsewhere when nobody watches. */
export function chooseFormat(nodeEnv: string, isTerminal: boolean): LogOptions['format'] {
  return nodeEnv === 'production' || !isTerminal ? 'json' : 'readable';
}

/**
 * The log. Lines are written before the call returns, so that the last one before a crash is there.
 * Passwords, tokens and authorization headers come out as `[redacted]`, however deep they lie.
 */
export function createLog({ level, format, destination }: LogOptions): Log {
  const options = { level, formatters: { log: (fields: object) => redactFields(fields, 1) } };
  const out = destination ?? pino.destination({ fd: 1, sync: true });
  if (format === 'json') return pino(options, out);
  const makeReadable = prettyFactory({
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss',
    colorize: destination === undefined,
  });
  return pino(options, { write: (line) => out.write(makeReadable(line)) });
}

function redactFields(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) =>
      secretFields.has(name.toLowerCase()) ? [name, '[redacted]'] : [name, redactValue(value, depth)],
    ),
  );
}

/** Looks into plain objects and lists; an error, a date or the like is written in its own way. */
function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value) && !isPlainObject(value)) return value;
  if (depth === deepest) return '[too deep]';
  return Array.isArray(value)
    ? value.map((item: unknown) => redactValue(item, depth + 1))
    : redactFields(value, depth + 1);
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
