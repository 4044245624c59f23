import { isLocale, isTimeZone, type TenantSettings } from '../lifecycle/settings.ts';

/** How a reader is told the time. */
export type Place = Pick<TenantSettings, 'timeZone' | 'locale'>;

/** Operators stand in all places: they read UTC. */
export const operatorPlace: Place = { timeZone: 'UTC', locale: 'en-GB' };

/** A reader's own place as far as their directory told it (RFC 7643 §4.1.1), for the rest the tenant's. */
export function placeOf(
  { timezone, locale }: { timezone?: string | null; locale?: string | null },
  tenant: Place,
): Place {
  const language = locale?.replaceAll('_', '-'); // Okta sends en_US.
  return {
    timeZone: timezone && isTimeZone(timezone) ? timezone : tenant.timeZone,
    locale: language && isLocale(language) ? language : tenant.locale,
  };
}

/** A moment as a reader's clock shows it, with the name of the zone. */
export function writeMoment(moment: Date, { timeZone, locale }: Place): string {
  const text = new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZone,
    timeZoneName: 'short',
  }).format(moment);
  return text.includes(timeZone) ? text : `${text} (${timeZone})`;
}

/** Days in words: `1 day`, `7 days`. */
export function writeDays(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}
