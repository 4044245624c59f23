import { isStorable } from '../../src/domain/user-attributes.ts';
import { badRequest } from '../errors.ts';

/**
 * Refuses a body that holds U+0000 or a lone surrogate in any string or name, as 400 invalidValue: the
 * database would refuse it later, as a failure of ours. Walks without recursion, so depth is no danger.
 */
export function requireStorableText(body: unknown): void {
  const rest: unknown[] = [body];
  while (rest.length > 0) {
    const value = rest.pop();
    if (typeof value === 'string' && !isStorable(value)) {
      throw badRequest('invalidValue', 'a string holds U+0000 or a lone surrogate, which cannot be stored');
    }
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) rest.push(key, inner);
  }
}
