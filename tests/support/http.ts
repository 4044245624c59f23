/** What came as JSON: tests look into it as they expect it to be. */
export type Json = ReturnType<typeof JSON.parse>;

export type Answer = { status: number; headers: Headers; body: Json; text: string };
export type SendOptions = {
  method?: string;
  body?: unknown;
  /** Sent as it is. */
  raw?: string;
  token?: string;
  headers?: Record<string, string>;
};

/** One HTTP request; a body makes it a POST of JSON. */
export async function send(url: string, path: string, options: SendOptions = {}): Promise<Answer> {
  const { body, raw, token, headers = {} } = options;
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(`${url}${path}`, {
    method: options.method ?? (payload === undefined ? 'GET' : 'POST'),
    headers: {
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    redirect: 'manual',
    ...(payload === undefined ? {} : { body: payload }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parseJson(text), text };
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
