import { type Form, numberOf, textOf } from './form.ts';
import type { State } from './state.ts';

/** A request, read. */
type Call = { state: State; form: Form; id: string };
/** What Stripe does when it is asked. */
export type Endpoint = (call: Call) => unknown;

/** A page of a list, after an id if one is named. */
export function page<T extends { id: string }>(all: readonly T[], form: Form) {
  const limit = numberOf(form, 'limit') ?? 10;
  const after = textOf(form, 'starting_after');
  const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const data = all.slice(from, from + limit);
  return { object: 'list', data, has_more: from + limit < all.length, url: '/v1' };
}
