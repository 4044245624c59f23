import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tableClasses } from '../src/db/catalogue.ts';
import { findCircle, type Import, readSources, type SourceFile } from './support/source-files.ts';

/** The roof: the only files of the house that see everything. */
const roof = ['src/main.ts', 'src/app.ts', 'src/start.ts', 'mikro-orm.config.ts'];
const entryPoints = ['scim', 'sso', 'src/api', 'src/worker', 'src/cli'];

/** Which floors a floor may import beside its own files; `type` stands before what it may only name. */
const belowEntryPoint = ['src/domain', 'src/actions', 'src/db/scope.ts', 'type src/db', 'type src/infra'];
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'src/domain': [],
  'src/infra': ['src/domain'],
  'src/db': ['src/domain'],
  'src/actions': ['src/domain', 'src/db', 'type src/infra'],
  scim: belowEntryPoint,
  sso: belowEntryPoint,
  'src/api': belowEntryPoint,
  'src/worker': belowEntryPoint,
  // The typed client is typed by the router.
  'src/cli': [...belowEntryPoint, 'type src/api/trpc/router.ts'],
};

/** Where a package may be imported beside the roof. */
const homes: Readonly<Record<string, readonly string[]>> = {
  hono: entryPoints,
  '@hono/node-server': [],
  '@trpc/server': ['src/api', 'src/cli'],
  '@trpc/client': ['src/cli'],
  samlify: ['sso'],
  'libxml2-wasm': ['sso'],
  'scim2-parse-filter': ['scim'],
  '@mikro-orm/core': ['src/db', 'src/actions'],
  '@mikro-orm/postgresql': ['src/db', 'src/actions'],
  '@mikro-orm/migrations': ['src/db'],
  'pg-boss': ['src/db'],
  pg: ['src/db', 'src/infra'],
  nodemailer: ['src/infra'],
  '@aws-sdk/client-s3': ['src/infra'],
  '@aws-sdk/lib-storage': ['src/infra'],
  stripe: ['src/infra'],
  standardwebhooks: ['src/infra'],
};

/** Folders that hold more than twenty files and wait to be split. A folder that has been leaves this list. */
const crowded = ['sso', 'tests/api'];

const house = readSources('src', 'scim', 'sso', 'mikro-orm.config.ts');
const everything = [...house, ...readSources('tests', 'bench')];
const floors = Object.keys(mayImport);

function floorOf(path: string): string | undefined {
  return floors.find((floor) => path.startsWith(`${floor}/`));
}

function isAllowed(file: SourceFile, { target, typeOnly }: Import): boolean {
  const floor = floorOf(file.path);
  if (floor === undefined || target.startsWith(`${floor}/`)) return true;
  return (mayImport[floor] ?? []).some((entry) => {
    const place = entry.replace('type ', '');
    return (typeOnly || entry === place) && (target === place || target.startsWith(`${place}/`));
  });
}

function isAtHome(file: SourceFile, { target }: Import): boolean {
  if (target.startsWith('@mikro-orm/') && !(target in homes)) return false;
  if (target.startsWith('@trpc/') && !(target in homes)) return false;
  const places = homes[target];
  return !places || places.some((place) => file.path.startsWith(`${place}/`));
}

function namesOf(broken: readonly { file: SourceFile; item: Import }[]): string[] {
  return broken.map(({ file, item }) => `${file.path} → ${item.typeOnly ? 'type ' : ''}${item.target}`);
}

describe('the house', () => {
  test('every file was read, and stands on a floor or is the roof', () => {
    const homeless = house.filter(({ path }) => !floorOf(path) && !roof.includes(path));
    const counts = floors.map((floor) => [floor, house.filter(({ path }) => floorOf(path) === floor).length]);

    expect(homeless.map(({ path }) => path)).toEqual([]);
    expect(house.length).toBeGreaterThan(190);
    expect(house.flatMap(({ imports }) => imports).length).toBeGreaterThan(800);
    expect(counts.filter(([, count]) => count === 0)).toEqual([]);
  });

  test('every import of a file of ours leads to a file that was read', () => {
    const known = new Set(house.map(({ path }) => path));
    const broken = house.flatMap((file) =>
      file.imports
        .filter((item) => !item.isPackage && !known.has(item.target))
        .map((item) => ({ file, item })),
    );

    expect(namesOf(broken)).toEqual([]);
  });

  test('a floor imports itself and the floors below it, and nothing else', () => {
    const broken = house
      .filter(({ path }) => !roof.includes(path))
      .flatMap((file) =>
        file.imports
          .filter((item) => !item.isPackage && !isAllowed(file, item))
          .map((item) => ({ file, item })),
      );

    expect(namesOf(broken)).toEqual([]);
  });

  test('no imports go in a circle, those of types included', () => {
    expect(findCircle(house)).toEqual([]);
  });

  test('a package is imported where it is at home, and by the roof', () => {
    const broken = house
      .filter(({ path }) => !roof.includes(path))
      .flatMap((file) =>
        file.imports
          .filter((item) => item.isPackage && !isAtHome(file, item))
          .map((item) => ({ file, item })),
      );

    expect(namesOf(broken)).toEqual([]);
  });

  test('the domain reaches nothing outside: no file, no network, no clock', () => {
    const domain = house.filter(({ path }) => floorOf(path) === 'src/domain');
    const packages = domain.flatMap(({ imports }) => imports.filter((item) => item.isPackage));
    const clocks = domain.filter(({ text }) => /\bDate\.now\(|new Date\(\)/.test(text));

    // Pure computation and tables: calendars, public suffixes, names of mail providers.
    const pure = ['zod', 'node:util', 'temporal-polyfill', 'tldts', 'email-providers'];
    expect(new Set(packages.map(({ target }) => target))).toEqual(new Set(pure));
    expect(clocks.map(({ path }) => path)).toEqual([]);
  });

  test('an action does not read the clock: its moment comes with its scope', () => {
    const actions = house.filter(({ path }) => floorOf(path) === 'src/actions');
    const readers = actions.filter(({ text }) => /\bDate\.now\(|new Date\(\)/.test(text));

    expect(readers.map(({ path }) => path)).toEqual([]);
  });

  test('the environment is read in one place', () => {
    const readers = house.filter(({ text }) => /process\.env|process\[/.test(withoutComments(text)));

    // Two tools are processes of their own and hand their environment on: the ORM's command line, and ours.
    expect(readers.map(({ path }) => path)).toEqual([
      'mikro-orm.config.ts',
      'src/cli/main.ts',
      'src/infra/config.ts',
    ]);
  });
});

describe('SQL', () => {
  const runs = /\.(?:execute|query|getKysely|getKnex|getConnection|raw)\b\s*(?:<[^;]*?>)?\(/;

  test('is written in src/db and src/actions alone', () => {
    const writers = house.filter(({ text }) =>
      /\bgetKysely\(|\.execute\b\s*[<(]|\.getConnection\(/.test(text),
    );
    const outside = writers.filter(({ path }) => !/^src\/(?:db|actions)\//.test(path));

    expect(writers.length).toBeGreaterThan(8);
    expect(outside.map(({ path }) => path)).toEqual([]);
  });

  test('runs in an action through the entity manager of its scope, which it cannot get otherwise', () => {
    const actions = house.filter(({ path }) => floorOf(path) === 'src/actions');
    const ways =
      /\bEntityManager\b|\bMikroORM\b|\.fork\(|\.transactional\(|setSessionContext|getKysely|getConnection/;
    const aside = actions.filter(({ text }) => ways.test(withoutComments(text)));
    const doors = actions.filter(({ imports }) =>
      imports.some(({ target }) =>
        /^src\/db\/(?:orm|control-pool|setup\/migrate|setup\/embedded)\.ts$|^pg$/.test(target),
      ),
    );
    const calls = actions.flatMap(({ path, text }) =>
      [...text.matchAll(/(\S+)\.execute\b\s*[<(]/g)].map(([, on = '']) => `${path}: ${on}`),
    );

    expect(aside.map(({ path }) => path)).toEqual([]);
    expect(doors.map(({ path }) => path)).toEqual([]);
    expect(calls.length).toBeGreaterThan(4);
    expect(calls.filter((call) => !/[: .]em$/.test(call))).toEqual([]);
  });

  test('a session is put into a role, and a scope opened, in src/db/scope.ts alone', () => {
    const openers = house.filter(({ text }) => /setSessionContext|\.transactional\(|\.fork\(/.test(text));

    expect(openers.map(({ path }) => path)).toEqual(['src/db/scope.ts']);
  });

  test('names tables that exist', () => {
    const files = house.filter(
      ({ path, text }) =>
        /^src\/(?:db|actions)\//.test(path) && !path.includes('/migrations/') && runs.test(text),
    );
    const named = files.flatMap(({ path, text }) => statementsIn(text).flatMap((sql) => tablesIn(sql, path)));
    const strange = named.filter(({ table }) => !tableClasses.has(table) && !elsewhere.test(table));

    expect(named.filter(({ table }) => tableClasses.has(table)).length).toBeGreaterThan(8);
    expect(strange).toEqual([]);
  });
});

describe('size', () => {
  test('no file is longer than 250 lines', () => {
    // A migration is as long as what it makes, and is never changed again.
    const long = everything.filter(
      ({ path, lines }) => lines > 250 && !path.startsWith('src/db/migrations/'),
    );

    expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
  });

  test('no folder holds more than twenty files, but those that wait to be split', () => {
    const sizes = Map.groupBy(everything, ({ path }) => dirname(path));
    const full = [...sizes].filter(([, files]) => files.length > 20).map(([folder]) => folder);

    expect(full.toSorted()).toEqual(crowded.toSorted());
  });
});

/** What is asked of PostgreSQL itself, or of the job queue's and the migrations' own tables. */
const elsewhere = /^(?:pg_\w+|pgboss|mikro_orm_migrations|information_schema|unnest|jsonb_to_recordset)$/;

/** String literals that are SQL; what is interpolated is left out. */
function statementsIn(text: string): string[] {
  const literals = withoutComments(text).matchAll(/`((?:[^`\\]|\\.)*)`|'((?:[^'\\\n]|\\.)*)'/g);
  return [...literals]
    .map(([, template, plain]) => (template ?? plain ?? '').replaceAll(/\$\{[^}]*\}/g, ' ? '))
    .filter((literal) => /^\s*(?:select|insert into|update \w+ |delete from|with )\b/.test(literal));
}

function tablesIn(sql: string, path: string): { path: string; table: string }[] {
  const own = new Set(
    [...sql.matchAll(/(\w+)\s+(?:\([\w, ]+\)\s+)?as\s+(?:materialized\s+)?\(/g)].map(([, name]) => name),
  );
  return [...sql.matchAll(/\b(?:from|join|into|update)\s+(?:only\s+)?"?([a-z_]+)"?/g)]
    .map(([, table = '']) => ({ path, table }))
    .filter(({ table }) => !own.has(table) && table !== 'of' && table !== 'set' && table !== 'skip');
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}
