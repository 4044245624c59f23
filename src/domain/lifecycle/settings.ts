import { z } from 'zod';

/** A tenant's settings: typed, validated, unknown fields refused. */
export const tenantSettings = z.strictObject({
  timeZone: z.string().refine(isTimeZone, 'not an IANA time zone').default('UTC'),
  locale: z
    .string()
    .refine((locale) => isLocale(locale), 'not a BCP 47 language tag')
    .default('en'),
  contacts: z
    .strictObject({
      technical: z.email().nullable().default(null),
      billing: z.email().nullable().default(null),
      security: z.email().nullable().default(null),
    })
    .prefault({}),
  /** Days between offboarding and purge; `null`: what the plan says. */
  retentionDays: z.int().min(1).max(3650).nullable().default(null),
  /** Days until a session ends by itself. */
  sessionDays: z.int().min(1).max(90).default(30),
  /** Further origins to which a sign-in may return; each an `https` origin, or `http` on a loopback host. */
  redirectOrigins: z.array(z.string().refine(isOrigin, 'not an https origin')).max(20).default([]),
});
export type TenantSettings = z.infer<typeof tenantSettings>;

/** What a caller may change: any part, the rest stays; fields that are none are ignored. */
export const tenantSettingsChange = z.object({
  timeZone: tenantSettings.shape.timeZone.unwrap().optional(),
  locale: tenantSettings.shape.locale.unwrap().optional(),
  contacts: z
    .object({
      technical: z.email().nullable().optional(),
      billing: z.email().nullable().optional(),
      security: z.email().nullable().optional(),
    })
    .optional(),
  retentionDays: tenantSettings.shape.retentionDays.unwrap().optional(),
  sessionDays: tenantSettings.shape.sessionDays.unwrap().optional(),
  redirectOrigins: tenantSettings.shape.redirectOrigins.unwrap().optional(),
});

/** The settings of a new tenant. */
export function defaultSettings(): TenantSettings {
  return tenantSettings.parse({});
}

/** Settings with a change applied: contacts are merged one by one, lists are replaced whole. */
export function changeSettings(
  current: TenantSettings,
  change: z.infer<typeof tenantSettingsChange>,
): TenantSettings {
  return tenantSettings.parse({
    ...current,
    ...change,
    contacts: { ...current.contacts, ...change.contacts },
  });
}

/** Whether a text names a time zone. Aliases such as Asia/Kolkata are names too, offsets such as +01:00 are not. */
export function isTimeZone(zone: string): boolean {
  try {
    return /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone }).format() !== '';
  } catch {
    return false;
  }
}

/** Whether a text is a BCP 47 language tag. */
export function isLocale(locale: string): boolean {
  try {
    return Intl.getCanonicalLocales(locale).length === 1;
  } catch {
    return false;
  }
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const loopback = url.hostname === 'localhost' || url.hostname === '127.0.0.1' || url.hostname === '[::1]';
  return url.origin === text && (url.protocol === 'https:' || (url.protocol === 'http:' && loopback));
}
