import { comparisonOperators } from '../../src/domain/filter.ts';
import { isStorable } from '../../src/domain/user-attributes.ts';
import { badRequest } from '../errors.ts';

/** A value as it stood in a filter: its text decoded, and whether it stood in quotes. */
export type Literal = { readonly text: string; readonly quoted: boolean };

/**
 * A filter of which only the structure is left: each name is `a0`, `a1`, … and each value `"0"`, `"1"`, …
 * That is all scim2-parse-filter sees, so nothing it gets wrong in names, numbers and escapes matters.
 */
export type FilterSkeleton = { text: string; names: string[]; literals: Literal[] };

const maxLength = 4096;
const maxDepth = 16;
const maxTerms = 50;
const token = /\s+|"(?:[^"\\]|\\.)*"|[()[\]]|[^\s()[\]"']+/y;
const comparisons: ReadonlySet<string> = new Set(comparisonOperators);
const connectives: ReadonlySet<string> = new Set(['and', 'or', 'not']);

/**
 * Splits a filter into its structure, its names and its values, and refuses as 400 invalidFilter what is
 * too long, too deep or too much. `X[F].part op v` becomes `X[(F) and part op v]`: one element must satisfy
 * both, which scim2-parse-filter loses.
 */
export function readSkeleton(filter: string): FilterSkeleton {
  const tokens = splitTokens(filter);
  requireModestSize(tokens);
  const names: string[] = [];
  const literals: Literal[] = [];
  const text: string[] = [];
  let partOfElement = false;
  const closeElement = () => {
    if (partOfElement) text.push(']');
    partOfElement = false;
  };
  for (let at = 0; at < tokens.length; at += 1) {
    const word = tokens[at] ?? '';
    const lower = word.toLowerCase();
    if (comparisons.has(lower)) {
      at += 1;
      text.push(lower, `"${literals.push(readLiteral(tokens[at])) - 1}"`);
      closeElement();
    } else if (lower === 'pr') {
      text.push(lower);
      closeElement();
    } else if (connectives.has(lower) || word === '(' || word === ')') text.push(lower);
    else if (word === '[') text.push('[', '(');
    else if (word === ']') {
      const part = tokens[at + 1];
      partOfElement = part?.startsWith('.') ?? false;
      if (part && partOfElement) {
        at += 1;
        text.push(')', 'and', `a${names.push(part.slice(1)) - 1}`);
      } else text.push(')', ']');
    } else text.push(`a${names.push(word) - 1}`);
  }
  return { text: text.join(' '), names, literals };
}

function splitTokens(filter: string): string[] {
  if (filter.length > maxLength) {
    throw badRequest('invalidFilter', `the filter is longer than ${maxLength} characters`);
  }
  const tokens: string[] = [];
  for (let at = 0; at < filter.length; at = token.lastIndex) {
    token.lastIndex = at;
    const found = token.exec(filter)?.[0];
    if (found === undefined) {
      throw badRequest('invalidFilter', `the filter cannot be read from character ${at + 1} on`);
    }
    if (found.trim() !== '') tokens.push(found);
  }
  return tokens;
}

/** The parser recurses, and each term costs a condition in the database. */
function requireModestSize(tokens: readonly string[]): void {
  let depth = 0;
  let terms = 0;
  let brackets = 0;
  for (const word of tokens) {
    const lower = word.toLowerCase();
    if (word === '(' || word === '[') depth += 1;
    if (word === ')' || word === ']') depth -= 1;
    if (word === '[') brackets += 1;
    if (word === ']') brackets -= 1;
    if (comparisons.has(lower) || lower === 'pr' || lower === 'not') terms += 1;
    if (brackets > 1) throw badRequest('invalidFilter', 'a value path cannot stand inside another');
    if (depth > maxDepth) throw badRequest('invalidFilter', `the filter nests deeper than ${maxDepth}`);
    if (terms > maxTerms) throw badRequest('invalidFilter', `the filter has more than ${maxTerms} terms`);
  }
}

/** A JSON string, or a word as it stands: Entra's documentation has `externalId eq jyoung`. */
function readLiteral(word: string | undefined): Literal {
  if (word === undefined || '()[]'.includes(word)) {
    throw badRequest('invalidFilter', 'a comparison in the filter has no value');
  }
  const text = word.startsWith('"') ? decodeString(word) : word;
  if (!isStorable(text)) {
    throw badRequest('invalidFilter', 'a value in the filter holds U+0000 or a lone surrogate');
  }
  return { text, quoted: word.startsWith('"') };
}

function decodeString(json: string): string {
  try {
    return String(JSON.parse(json));
  } catch {
    throw badRequest('invalidFilter', 'a value in the filter is not a valid JSON string');
  }
}
