import { isDeepStrictEqual } from 'node:util';

/** An e-mail of the model. During one PATCH it may lack its value; at the end it is dropped then. */
export type ModelEmail = { value?: string; type?: string; display?: string; primary?: boolean };

/** A user as a plain model: texts by their name, and e-mails. */
export type ModelUser = { texts: Record<string, string>; active: boolean; emails: ModelEmail[] };

/** One step of the model; it throws `refused` where the whole PATCH must be. */
export type Step = (user: ModelUser) => void;

export const refused = new Error('refused');

export function refuse(): never {
  throw refused;
}

/** A filter of a value path: its text, what it means, and which element it describes, if it does. */
export type ModelFilter = {
  text: string;
  holds: (email: ModelEmail) => boolean;
  describes: ModelEmail | null;
};

const lower = (text = '') => text.toLowerCase();
const isWork = ({ type }: ModelEmail) => lower(type) === 'work';
const isHome = ({ type }: ModelEmail) => lower(type) === 'home';
const isPrimary = ({ primary }: ModelEmail) => primary === true;

export const modelFilters: readonly ModelFilter[] = [
  { text: 'type eq "work"', holds: isWork, describes: { type: 'work' } },
  { text: 'TYPE EQ "WORK"', holds: isWork, describes: { type: 'WORK' } },
  { text: 'primary eq true', holds: isPrimary, describes: { primary: true } },
  { text: 'primary eq "True"', holds: isPrimary, describes: { primary: true } },
  {
    text: 'type eq "home" and primary eq true',
    holds: (one) => isHome(one) && isPrimary(one),
    describes: { type: 'home', primary: true },
  },
  { text: 'not (type eq "home")', holds: (one) => !isHome(one), describes: null },
  { text: 'type eq "work" or type eq "home"', holds: (one) => isWork(one) || isHome(one), describes: null },
  { text: 'value sw "a"', holds: ({ value }) => lower(value).startsWith('a'), describes: null },
  { text: 'value eq "b@x"', holds: ({ value }) => lower(value) === 'b@x', describes: null },
  { text: 'display pr', holds: ({ display }) => display !== undefined, describes: null },
];

/** Sets a text, or unsets it by null and "". */
export function setText(name: string, value: string | null): Step {
  return ({ texts }) => {
    if (value) texts[name] = value;
    else delete texts[name];
  };
}

/** Adds e-mails: one with the same value and type takes the new parts. */
export function addEmails(given: readonly ModelEmail[]): Step {
  return (user) => {
    const touched = new Set<ModelEmail>();
    for (const one of given) {
      const isSame = (other: ModelEmail) =>
        other.value === one.value && lower(other.type) === lower(one.type);
      const known = user.emails.find(isSame);
      const next = known ? Object.assign(known, one) : { ...one };
      if (!known) user.emails.push(next);
      touched.add(next);
    }
    settlePrimary(user, touched);
  };
}

/** Sets or unsets one part of the e-mails that a filter selects, and makes the one it describes if there is none. */
export function setPart(
  filter: ModelFilter | null,
  part: keyof ModelEmail,
  value: string | boolean | null,
): Step {
  return (user) => {
    changeSelected(user, filter, (email) => {
      if (value === null || value === '') delete email[part];
      else Object.assign(email, { [part]: value });
    });
  };
}

/** Adds parts to the e-mails that a filter selects, or puts others in their place. */
export function setElement(filter: ModelFilter, op: 'add' | 'replace', parts: ModelEmail): Step {
  return (user) => {
    changeSelected(user, filter, (email) => {
      if (op === 'replace')
        for (const name of ['value', 'type', 'display', 'primary'] as const) delete email[name];
      Object.assign(email, op === 'replace' ? filter.describes : null, parts);
    });
  };
}

function changeSelected(
  user: ModelUser,
  filter: ModelFilter | null,
  change: (email: ModelEmail) => void,
): void {
  const selected = user.emails.filter((one) => filter?.holds(one) ?? true);
  if (selected.length === 0) {
    const described = filter ? filter.describes : {};
    const made = { ...described };
    change(made);
    if (Object.keys(made).every((name) => name in (described ?? {}))) return;
    if (!described) refuse();
    user.emails.push(made);
    settlePrimary(user, new Set([made]));
    return;
  }
  for (const one of selected) change(one);
  settlePrimary(user, new Set(selected));
}

/** Removes the e-mails that a value names, by value, and by type if it says one. */
export function removeNamed(named: readonly ModelEmail[]): Step {
  return (user) => {
    user.emails = user.emails.filter(
      (email) =>
        !named.some(
          ({ value, type }) =>
            lower(email.value) === lower(value) && (type === undefined || lower(email.type) === lower(type)),
        ),
    );
  };
}

/** RFC 7644 §3.5.2: what becomes primary takes it from what was. What has no value yet takes nothing. */
function settlePrimary({ emails }: ModelUser, touched: ReadonlySet<ModelEmail>): void {
  if (![...touched].some((one) => isPrimary(one) && one.value !== undefined)) return;
  for (const one of emails) if (isPrimary(one) && !touched.has(one)) one.primary = false;
}

/** The user after all steps, or `null` where one of them, or the end, must be refused. */
export function applySteps(before: ModelUser, steps: readonly Step[]): ModelUser | null {
  const user = structuredClone(before);
  try {
    for (const step of steps) step(user);
  } catch (error) {
    if (error === refused) return null;
    throw error;
  }
  user.emails = user.emails.filter(({ value }) => value !== undefined);
  const isRight = user.emails.filter(isPrimary).length <= 1 && user.texts['userName'] !== undefined;
  return isRight ? user : null;
}

export function isSame(one: ModelUser, other: ModelUser): boolean {
  return isDeepStrictEqual(one, other);
}
