import { z } from 'zod';
import { isStorable } from './user-attributes.ts';

/** An upload has an hour, in which 5 GB come over a line of 11 Mbit/s; a gigabyte is 1,000,000,000 bytes. */
export const largestFileBytes = 5_000_000_000;

/** How long an upload may take. Who takes longer is cut off. */
export const longestUploadMinutes = 60;

/** When stored bytes that no file knows are nobody's: no upload can be under way any more that will claim them. */
export const strandedAfterMinutes = 2 * longestUploadMinutes;

/** Characters that hide what a name is: controls, and those that turn the direction of reading. */
const hidden = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** The name of a file in its project: one segment of a path, composed (NFC), as most systems can store it. */
export const fileName = z
  .string()
  .refine(isStorable, 'contains a character that cannot be stored')
  .transform((name) => name.normalize('NFC'))
  .refine(
    (name) => name !== '' && new TextEncoder().encode(name).length <= 255,
    'has 1 to 255 bytes of UTF-8',
  )
  .refine((name) => !/[/\\]/.test(name), 'may not contain / or \\')
  .refine((name) => !hidden.test(name), 'may not contain control characters')
  .refine((name) => name !== '.' && name !== '..', 'may not be . or ..')
  .refine((name) => name.trim() === name, 'may not begin or end with a space');

const token = String.raw`[!#$%&'*+.^_\x60|~0-9A-Za-z-]+`;
const parameter = String.raw`[ \t]*;[ \t]*${token}=(?:${token}|"[\x20\x21\x23-\x5b\x5d-\x7e]*")`;
const mediaType = new RegExp(`^${token}/${token}(?:${parameter})*$`);

/** What a file is served as: what was said of it where that is a media type (RFC 9110 §8.3.1), else bytes. */
export function contentTypeOf(declared: string | undefined): string {
  const text = (declared ?? '').trim();
  return text.length <= 255 && mediaType.test(text) ? text : 'application/octet-stream';
}

/** Where the bytes of a file lie among the tenant's. */
export function placeOfFile(projectId: string, fileId: string): string {
  return `${placeOfProject(projectId)}${fileId}`;
}

/** Where the bytes of a project's files lie. */
export function placeOfProject(projectId: string): string {
  return `${everyProject}${projectId}/`;
}

/** Where the bytes of all projects' files lie. */
export const everyProject = 'projects/';
