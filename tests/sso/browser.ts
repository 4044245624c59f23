export type BrowserAnswer = { status: number; headers: Headers; text: string };

/** A browser with cookies of its own; it follows no redirect by itself. */
export function aBrowser() {
  const cookies = new Map<string, string>();

  async function send(
    url: string,
    init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  ): Promise<BrowserAnswer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...init.headers, ...(cookie && { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  return {
    cookies,
    get: (url: string) => send(url),
    post: (url: string, form: Record<string, string> | string) =>
      send(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
      }),
  };
}
export type Browser = ReturnType<typeof aBrowser>;

/** Where an answer leads. */
export function locationOf({ headers }: BrowserAnswer): URL {
  return new URL(headers.get('location') ?? 'none:');
}
