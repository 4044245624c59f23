/** How much of a query or a body is kept, in characters. */
const mostKept = 4096;
/** How many elements of a list are kept, and how much of one text. */
const mostElements = 20;
const longestText = 200;

const secretName = /pass(?:word|wd|phrase)|secret|token|credential|private_?key|pin$/i;
const hidden = '[redacted]';

/** A body with its secrets hidden and its lists and texts cut, as JSON; no longer than 4 KB. */
export function describeBody(body: unknown): string {
  return (JSON.stringify(redact(body)) ?? '').slice(0, mostKept);
}

/** The query of a URL as a person reads it, with what is compared with a secret hidden; `null` where there is none. */
export function describeQuery(url: string): string | null {
  const start = url.indexOf('?') + 1;
  if (start === 0 || start === url.length) return null;
  const text = decode(url.slice(start).replaceAll('+', ' ')).toWellFormed();
  return text.replace(secretComparison, `$1${hidden}`).slice(0, mostKept);
}

/** An attribute with a secret's name, an operator or "=", and the value after it. */
const secretComparison =
  /([\w.:$-]*(?:password|passwd|secret|token|credential)[\w.\]]*\s*(?:=|\s(?:eq|ne|co|sw|ew|gt|ge|lt|le)\s)\s*)(?:"(?:[^"\\]|\\.)*"?|[^\s&)\]]+)/gi;

function redact(value: unknown): unknown {
  if (typeof value === 'string')
    return value.length > longestText ? `${value.slice(0, longestText)}…` : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const shown = value.slice(0, mostElements).map(redact);
    return value.length > mostElements ? [...shown, `… ${value.length - mostElements} more`] : shown;
  }
  const fields = Object.entries(value);
  const isSecret = fields.some(([name, path]) => name.toLowerCase() === 'path' && isSecretPath(path));
  return Object.fromEntries(
    fields.map(([name, field]) => {
      const hides = secretName.test(name) || (isSecret && name.toLowerCase() === 'value');
      return [name, hides ? hidden : redact(field)];
    }),
  );
}

/** Whether the path of a PATCH operation leads to a secret (RFC 7644 §3.5.2). */
function isSecretPath(path: unknown): boolean {
  return typeof path === 'string' && secretName.test(path);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
