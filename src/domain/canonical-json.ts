/** One text for one JSON value, whatever the order of its fields (RFC 8785): what is hashed and signed. */
export function canonicalJson(value: unknown): string {
  // What JSON leaves out or writes otherwise (`undefined`, dates) is so here too.
  const plain: unknown = value === undefined ? null : JSON.parse(JSON.stringify(value));
  return write(plain);
}

function write(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  // By UTF-16 code units, RFC 8785 §3.2.3; an object would put names that look like numbers first.
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, part]) => `${JSON.stringify(name)}:${write(part)}`).join(',')}}`;
}
