/** Parameterised SQL: each `?` of `sql` stands for one of `values`, in their order. */
export type Fragment = { readonly sql: string; readonly values: readonly unknown[] };

/** SQL whose holes are filled with other fragments. What comes from outside goes in through `param`. */
export function sql(text: TemplateStringsArray, ...parts: readonly Fragment[]): Fragment {
  return {
    sql: text.map((piece, at) => piece + (parts[at]?.sql ?? '')).join(''),
    values: parts.flatMap(({ values }) => values),
  };
}

/** A value that is sent beside the SQL. */
export function param(value: unknown): Fragment {
  return { sql: '?', values: [value] };
}

/** A text that is sent beside the SQL, in places where PostgreSQL could not tell its type. */
export function textParam(value: string): Fragment {
  return { sql: '?::text', values: [value] };
}

/** Fragments joined by a word; at least one. */
export function join(fragments: readonly Fragment[], word: 'and' | 'or' | '+' | 'union all'): Fragment {
  return {
    sql: fragments.map((one) => one.sql).join(` ${word} `),
    values: fragments.flatMap(({ values }) => values),
  };
}
