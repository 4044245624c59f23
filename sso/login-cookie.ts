import { createHash, randomBytes } from 'node:crypto';
import { getCookie, setCookie } from 'hono/cookie';
import type { SsoContext } from './env.ts';

const prefix = 'sso_login_';
/** As long as a person may take at the identity provider. */
const lifetimeSeconds = 600;
/** Sign-ins in one browser at once; from then on a cookie is used again, so that a header never grows too large. */
const most = 8;

/**
 * Binds a sign-in to this browser and returns the hash to remember. Each sign-in gets a cookie of its own, so that
 * several can begin at the same moment. The response comes back as a POST from another site, where browsers send a
 * cookie only with `SameSite=None`, which needs https. Over http (a developer's machine) the attribute is left out:
 * browsers then send the cookie as well, Chrome for two minutes.
 */
export function bindBrowser(c: SsoContext, publicUrl: string): string {
  const known = readLoginCookies(c);
  const { name, value } = (known.length >= most ? known[0] : undefined) ?? {
    name: `${prefix}${randomBytes(8).toString('hex')}`,
    value: randomBytes(32).toString('base64url'),
  };
  const url = new URL(publicUrl);
  const isSecure = url.protocol === 'https:';
  setCookie(c, name, value, {
    path: `${url.pathname.replace(/\/$/, '')}/sso`,
    httpOnly: true,
    maxAge: lifetimeSeconds,
    secure: isSecure,
    ...(isSecure ? { sameSite: 'None' } : {}),
  });
  return hashOf(value);
}

/** The hashes of all sign-ins that this browser has begun. */
export function readBrowserHashes(c: SsoContext): string[] {
  return readLoginCookies(c).map(({ value }) => hashOf(value));
}

function readLoginCookies(c: SsoContext) {
  return Object.entries(getCookie(c))
    .filter(([name, value]) => name.startsWith(prefix) && /^[\w-]{43}$/.test(value))
    .slice(0, most)
    .map(([name, value]) => ({ name, value }));
}

function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}
