import type { Answer } from '../endpoint.ts';

/** What is known of a request, as far as it got: for the provisioning log. */
export type Trace = {
  tenantId?: string;
  tokenId?: string;
  /** The body as JSON, once it was read. */
  body?: unknown;
  answer?: Answer;
};
