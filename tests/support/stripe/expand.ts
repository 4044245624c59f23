import type { State } from './state.ts';

type Registry = (name: string, id: string) => unknown;

/** A copy of an answer in which the named ids are whole objects: `latest_invoice`, `data.schedule.phases.items.price`. */
export function expanded(state: State, answer: unknown, paths: readonly string[]): unknown {
  const copy: unknown = structuredClone(answer);
  const lookUp: Registry = (name, id) => {
    const places: Record<string, ReadonlyMap<string, unknown>> = {
      latest_invoice: state.invoices,
      schedule: state.schedules,
      price: state.prices,
      charge: state.charges,
      customer: state.customers,
    };
    return structuredClone(places[name]?.get(id)) ?? id;
  };
  for (const path of paths) expandAt(copy, path.split('.'), lookUp);
  return copy;
}

function expandAt(value: unknown, [name, ...rest]: readonly string[], lookUp: Registry): void {
  if (name === undefined || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const entry of value) expandAt(entry, [name, ...rest], lookUp);
    return;
  }
  if (!isRecord(value)) return;
  const found = value[name];
  if (typeof found === 'string') value[name] = lookUp(name, found);
  expandAt(value[name], rest, lookUp);
}

function isRecord(value: object): value is Record<string, unknown> {
  return !Array.isArray(value);
}
