/** What a browser has before it: the page, or where it is sent. */
export type Page = { status: number; location: string | null; text: string };

export type Browser = ReturnType<typeof createBrowser>;

/** Somebody's browser, in small: keeps cookies, posts forms, and goes only where it is told to. */
export function createBrowser() {
  const cookies = new Map<string, string>();

  async function load(url: string, init: RequestInit = {}): Promise<Page> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = cookie === '' ? {} : { cookie };
    const response = await fetch(url, { ...init, redirect: 'manual', headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return {
      status: response.status,
      location: response.headers.get('location'),
      text: await response.text(),
    };
  }

  return {
    open: (url: string) => load(url),
    post: (url: string, form: Record<string, string>) =>
      load(url, { method: 'POST', body: new URLSearchParams(form) }),
    cookieNames: () => [...cookies.keys()],
  };
}

/** What a page says under a heading of its list of facts. */
export function factOn({ text }: Pick<Page, 'text'>, name: string): string | null {
  return new RegExp(`<dt>${name}</dt>\\s*<dd><code>([^<]*)</code></dd>`).exec(text)?.[1] ?? null;
}

/** What a page tells the person who sees it. */
export function alertOn({ text }: Pick<Page, 'text'>): string | null {
  return /<p role="alert">([^<]*)<\/p>/.exec(text)?.[1] ?? null;
}
