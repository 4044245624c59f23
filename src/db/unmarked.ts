import type { Opt } from '@mikro-orm/core';

/** A column's type without the mark by which the ORM knows that it may be left out of an insert. */
export type Unmarked<T> = T extends (infer Bare) & Opt.Brand ? Bare : T;
