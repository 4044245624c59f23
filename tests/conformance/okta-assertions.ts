import { z } from 'zod';

/** Where a value of an answer is found (Runscope: source and property). */
export const sourceSchema = z.object({
  source: z.enum(['response_status', 'response_json', 'response_time']),
  property: z.string().default(''),
});

/** What must hold of a value of an answer. */
export const assertionSchema = sourceSchema.extend({
  comparison: z.enum([
    'equal',
    'equal_number',
    'is_less_than',
    'is_a_number',
    'not_empty',
    'has_value',
    'contains',
  ]),
  value: z.string().nullable().default(null),
});
export type Assertion = z.infer<typeof assertionSchema>;

/** An answer to one request; `json` is undefined where the body is none. */
export type StepAnswer = { status: number; milliseconds: number; body: string; json: unknown };

const comparisons: Record<Assertion['comparison'], (actual: unknown, target: string | null) => boolean> = {
  equal: (actual, target) => String(actual) === target,
  equal_number: (actual, target) => Number(actual) === Number(target),
  is_less_than: (actual, target) => Number(actual) < Number(target),
  is_a_number: (actual) => typeof actual === 'number',
  not_empty: (actual) => !isEmpty(actual),
  // Without a target it asks for any value.
  has_value: (actual, target) =>
    target === null ? !isEmpty(actual) : [actual].flat().some((each) => String(each) === target),
  contains: (actual, target) => JSON.stringify(actual ?? null).includes(target ?? ''),
};

/** What an assertion says when it does not hold; `null` when it does. */
export function failureOf(assertion: Assertion, answer: StepAnswer): string | null {
  const { comparison, source, property, value } = assertion;
  const actual = valueOf(assertion, answer);
  if (comparisons[comparison](actual, value)) return null;
  return `${property || source}: ${JSON.stringify(actual)} is not ${comparison} ${value ?? ''}`.trimEnd();
}

/** A value of an answer, by source and property; a name asked of a list is asked of all its elements. */
export function valueOf({ source, property }: z.infer<typeof sourceSchema>, answer: StepAnswer): unknown {
  if (source === 'response_status') return answer.status;
  if (source === 'response_time') return answer.milliseconds;
  return property.split(/[.[\]]+/).reduce(stepInto, answer.json);
}

function stepInto(value: unknown, name: string): unknown {
  if (name === '') return value;
  if (Array.isArray(value) && !/^\d+$/.test(name)) return value.map((each) => stepInto(each, name));
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.values(value).every(isEmpty);
}
