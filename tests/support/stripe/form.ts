/** What a form with brackets says: texts, lists and objects of them. */
export type Form = { [name: string]: string | Form };

/** Reads `items[0][price]=price_1&expand[]=latest_invoice` as Stripe does. */
export function readForm(text: string): Form {
  const form: Form = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const path = [...name.matchAll(/[^[\]]+|(?<=\[)(?=\])/g)].map(([part]) => part);
    let place = form;
    for (const part of path.slice(0, -1)) {
      const next = place[part];
      const deeper: Form = typeof next === 'object' ? next : {};
      place[part] = deeper;
      place = deeper;
    }
    const last = path.at(-1) ?? name;
    place[last === '' ? String(Object.keys(place).length) : last] = value;
  }
  return form;
}

/** A text of a form. */
export function textOf(form: Form, name: string): string | undefined {
  const value = form[name];
  return typeof value === 'string' ? value : undefined;
}

/** A number of a form. */
export function numberOf(form: Form, name: string): number | undefined {
  const value = textOf(form, name);
  return value === undefined || value === '' ? undefined : Number(value);
}

/** A part of a form that is a form itself. */
export function partOf(form: Form, name: string): Form {
  const value = form[name];
  return typeof value === 'object' ? value : {};
}

/** The entries of a list in a form. */
export function listOf(form: Form, name: string): (string | Form)[] {
  return Object.values(partOf(form, name));
}

/** The entries of a list of texts. */
export function textsOf(form: Form, name: string): string[] {
  return listOf(form, name).filter((entry) => typeof entry === 'string');
}

/** The entries of a list of forms. */
export function formsOf(form: Form, name: string): Form[] {
  return listOf(form, name).filter((entry) => typeof entry === 'object');
}

/** Metadata: texts by name. */
export function metadataOf(form: Form): Record<string, string> {
  return Object.fromEntries(
    Object.entries(partOf(form, 'metadata')).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  );
}
