import { z } from 'zod';
import { features, type LimitName } from './catalogue.ts';

/** More of anything that is counted than anybody has; bytes go further. */
const mostPlaces = 1_000_000_000;
const limit = (most: number) => z.int().min(0).max(most).nullable().exactOptional();

/** What was agreed with one tenant beside its plan. */
export const planOverrides = z.strictObject({
  /** In place of the plan's; `null` is unlimited, zero is a limit. */
  limits: z
    .strictObject({
      users: limit(mostPlaces),
      projects: limit(mostPlaces),
      storageBytes: limit(Number.MAX_SAFE_INTEGER),
      apiCalls: limit(mostPlaces),
    } satisfies Record<LimitName, unknown>)
    .default({}),
  features: z.partialRecord(z.enum(features), z.boolean()).default({}),
  /** How far above its users, and for how many days, an enterprise tenant may go. */
  overage: z
    .strictObject({ percent: z.number().positive().max(100), days: z.int().min(1).max(365) })
    .nullable()
    .default(null),
  /** ISO 8601, in the tenant's own time; `null`: until taken back. */
  expiresAt: z.iso.datetime().nullable().default(null),
  note: z.string(),
});
export type PlanOverrides = z.infer<typeof planOverrides>;

/** The places that a soft overage adds to a limit: a share of it, and one at least. */
export function placesAbove(limit: number, percent: number): number {
  return Math.max(1, Math.floor((limit * percent) / 100));
}
