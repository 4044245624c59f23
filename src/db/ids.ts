import { v7 } from 'uuid';

/** A new identifier: a UUID version 7 (RFC 9562 §5.7), so that ids sort by the time they were made. */
export function newId(): string {
  return v7();
}

/** The least identifier that is made at a moment or later: what was made before it sorts before it. */
export function firstIdAt(moment: Date): string {
  const milliseconds = Math.max(0, moment.getTime()).toString(16).padStart(12, '0');
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7000-8000-000000000000`;
}
