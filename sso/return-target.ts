/** Where people may return to after a sign-in. */
export type ReturnPlaces = {
  publicUrl: string;
  appUrl: string | null;
  /** Origins beside that of the application: the service's own and the tenant's. */
  allowedOrigins: readonly string[];
};

const mostCharacters = 2000;

/** The most of a RelayState that every identity provider gives back (bindings §3.4.3, §3.5.3). */
const mostRelayBytes = 80;

/**
 * Reads a wanted return target: a path of the application (of this service, where there is none), or an absolute
 * URL on an allowed origin. `null` for anything else: an open redirect would hand a sign-in's code to a stranger.
 */
export function readReturnTarget(wanted: string, places: ReturnPlaces): URL | null {
  // Browsers read a backslash as a slash, and drop tabs and line breaks wherever they stand.
  // oxlint-disable-next-line no-control-regex
  if (wanted.length > mostCharacters || !wanted.isWellFormed() || /[\u0000-\u001f\\\u007f]/.test(wanted))
    return null;
  const home = new URL(places.appUrl ?? places.publicUrl);
  const isPath = wanted.startsWith('/') && !wanted.startsWith('//');
  if (!isPath && !/^https?:\/\/[^/]/i.test(wanted)) return null;
  const url = URL.parse(wanted, home);
  if (!url || url.username !== '' || url.password !== '') return null;
  return [home.origin, ...places.allowedOrigins].includes(url.origin) ? url : null;
}

/**
 * Where a finished sign-in leads, with its code. The target that was asked for when it began decides; where none
 * was, the RelayState that came back may name one. What is not allowed (any more) leads to the application's start,
 * or to our landing page.
 */
export function writeReturnUrl(
  { stored, relayState, code }: { stored: string | null; relayState: string | null; code: string },
  places: ReturnPlaces,
): string {
  const wanted = stored ?? relayState;
  const home = places.appUrl ?? `${places.publicUrl}/signed-in`;
  const url = (wanted ? readReturnTarget(wanted, places) : null) ?? new URL(home);
  url.searchParams.set('code', code);
  return url.href;
}

/** The return target as the identity provider may see it: only where every one gives it back whole. */
export function relayStateOf(returnTo: string | null): string | undefined {
  return returnTo !== null && Buffer.byteLength(returnTo) <= mostRelayBytes ? returnTo : undefined;
}
