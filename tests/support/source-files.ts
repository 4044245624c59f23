import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One import of a source file. */
export type Import = {
  /** A path in the repository, or the package's name. */
  target: string;
  isPackage: boolean;
  /** Erased before it runs. `import { type A }` is not: Node keeps the import itself. */
  typeOnly: boolean;
};

export type SourceFile = { path: string; text: string; lines: number; imports: Import[] };

const statement = /^[ \t]*(?:import|export)\s+(type\s+)?(?:[^'";()]*?\sfrom\s+)?'([^']+)'/gm;
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Every TypeScript file under some folders, or the files themselves, with what it imports. */
export function readSources(...places: string[]): SourceFile[] {
  const patterns = places.map((place) => (place.endsWith('.ts') ? place : `${place}/**/*.ts`));
  return globSync(patterns)
    .toSorted()
    .map((path) => {
      const text = readFileSync(path, 'utf8');
      return { path, text, lines: text.trimEnd().split('\n').length, imports: importsOf(path, text) };
    });
}

function importsOf(path: string, text: string): Import[] {
  const found = [...text.matchAll(statement)].map(([, type, name = '']) => ({
    name,
    typeOnly: type !== undefined,
  }));
  const later = [...text.matchAll(dynamic)].map(([, name = '']) => ({ name, typeOnly: false }));
  return [...found, ...later].map(({ name, typeOnly }) => {
    const isPackage = !name.startsWith('.');
    return { target: isPackage ? packageOf(name) : join(dirname(path), name), isPackage, typeOnly };
  });
}

function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The first circle of imports, as the files on it; empty when there is none. */
export function findCircle(files: readonly SourceFile[]): string[] {
  const targets = new Map(
    files.map(({ path, imports }) => [
      path,
      imports.filter((item) => !item.isPackage).map(({ target }) => target),
    ]),
  );
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const target of targets.get(path) ?? []) {
      const circle = visit(target, [...trail, path]);
      if (circle.length > 0) return circle;
    }
    done.add(path);
    return [];
  };
  for (const { path } of files) {
    const circle = visit(path, []);
    if (circle.length > 0) return circle;
  }
  return [];
}
