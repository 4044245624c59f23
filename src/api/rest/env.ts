import type { Entry } from '../../db/scope.ts';

/** What the roof has read of every request: its moment and where it came from. */
export type ApiEnv = { Variables: { entry: Omit<Entry, 'actor'> } };
