/**
 * The id that a `bulkId` stands for, or `null` while its resource is still being made. Refuses where there never will
 * be one.
 */
export type LookUp = (bulkId: string) => string | null;

// In a value it stands alone; in a path it is the last part, or a string in a filter.
const inValue = /^bulkId:(.+)$/s;
const inPath = /(?<=["/])bulkId:([^"\\/?]+)/g;

/** The bulkIds that a value names, at any depth (RFC 7644 §3.7.2). */
export function findReferences(value: unknown): Set<string> {
  const found = new Set<string>();
  resolveReferences(value, (bulkId) => {
    found.add(bulkId);
    return null;
  });
  return found;
}

/**
 * A value with the ids that its bulkIds stand for. What names a resource that is not made yet is left out: the
 * reference, and the object whose `value` it is.
 */
export function resolveReferences(value: unknown, lookUp: LookUp): unknown {
  if (typeof value === 'string') {
    const bulkId = inValue.exec(value)?.[1];
    return bulkId === undefined ? value : (lookUp(bulkId) ?? undefined);
  }
  if (Array.isArray(value)) {
    return value.map((one) => resolveReferences(one, lookUp)).filter((one) => one !== undefined);
  }
  return typeof value === 'object' && value !== null ? resolveFields(value, lookUp) : value;
}

function resolveFields(object: object, lookUp: LookUp): object | undefined {
  const fields: [string, unknown][] = [];
  for (const [name, field] of Object.entries<unknown>({ ...object })) {
    const isPath = name.toLowerCase() === 'path' && typeof field === 'string';
    const resolved = isPath ? resolvePath(field, lookUp) : resolveReferences(field, lookUp);
    if (resolved !== undefined) fields.push([name, resolved]);
    else if (name.toLowerCase() === 'value') return undefined;
  }
  return Object.fromEntries(fields);
}

/** A path, of an operation or in a PATCH, with the ids that its bulkIds stand for. */
export function resolvePath(path: string, lookUp: LookUp): string {
  return path.replaceAll(inPath, (whole, bulkId: string) => lookUp(bulkId) ?? whole);
}
