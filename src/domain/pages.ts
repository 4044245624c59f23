import { z } from 'zod';

/** What every list takes: how many at most, and where the last page ended. */
export const pageInput = z.object({
  limit: z.int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
export type PageInput = z.infer<typeof pageInput>;
