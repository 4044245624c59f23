import { z } from 'zod';
import { isStorable } from './user-attributes.ts';

/** A line of text people typed: trimmed, not empty, storable. */
export function line(max: number) {
  return z.string().trim().min(1).max(max).refine(isStorable, 'contains a character that cannot be stored');
}

/** An e-mail address as a person typed it (RFC 5321's limit of 254 octets). */
export const emailAddress = z.string().trim().max(254).pipe(z.email());

/** A password as a person typed it; whether it is strong enough is judged where it is chosen. */
export const password = z.string().max(1024).refine(isStorable, 'contains a character that nobody can type');

/** Words a slug may not be, since paths and hosts use them. */
const reservedSlugs = new Set(['admin', 'api', 'app', 'login', 'sso', 'scim', 'trpc', 'www', 'webhooks']);

/** A tenant's name in URLs: 2 to 63 characters, a DNS label (RFC 1035 §2.3.1, digits first allowed by RFC 1123). */
export const slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])$/, 'use 2 to 63 lower-case letters, digits and inner hyphens')
  .refine((text) => !reservedSlugs.has(text), 'this slug is reserved');

/** Proposes a slug for a name: ASCII letters and digits, hyphens between; `-team` follows what alone is no slug. */
export function proposeSlug(name: string): string {
  const base = name
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replaceAll(/^-+|-+$/g, '');
  return base.length < 2 || reservedSlugs.has(base) ? `${base || 'tenant'}-team` : base;
}
