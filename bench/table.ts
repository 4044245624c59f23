import type { Figures, Row } from './measure.ts';

const columns = [
  ['work', 24],
  ['at once', 8],
  ['per s', 8],
  ['p50 ms', 8],
  ['p99 ms', 8],
  ['| SQL per s', 12],
  ['p50 ms', 8],
  ['ratio', 7],
  ['| route per s', 14],
  ['p50 ms', 8],
  ['ratio', 7],
] as const;

/** The names of the columns. */
export function headerLine(): string {
  return layOut(columns.map(([name]) => name));
}

/** One row, laid out under the columns. */
export function rowLine({ work, concurrency, ours, sql, route }: Row): string {
  const reference = (figures: Figures) => [
    `| ${Math.round(figures.perSecond)}`,
    milliseconds(figures.p50),
    (ours.perSecond / figures.perSecond).toFixed(2),
  ];
  return layOut([
    work,
    String(concurrency),
    String(Math.round(ours.perSecond)),
    milliseconds(ours.p50),
    milliseconds(ours.p99),
    ...reference(sql),
    ...reference(route),
  ]);
}

function layOut(cells: readonly string[]): string {
  return cells.map((cell, index) => pad(cell, columns[index]?.[1] ?? 0)).join('');
}

/** Words to the left, figures to the right. */
function pad(cell: string, width: number): string {
  if (!cell.startsWith('| '))
    return /^[a-zA-Z]/.test(cell) && width > 14 ? cell.padEnd(width) : cell.padStart(width);
  return ` |${cell.slice(2).padStart(width - 2)}`;
}

function milliseconds(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}
