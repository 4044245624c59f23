import { Refusal } from '../domain/refusal.ts';

/** Whether a tenant could not be entered since it is being purged, or gone: the worker has nothing to do for it. */
export function isLostTenant(error: unknown): boolean {
  return error instanceof Refusal && (error.reason === 'NOT_FOUND' || error.reason === 'TENANT_OFFBOARDED');
}
