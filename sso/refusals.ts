import { Refusal, type RefusalReason } from '../src/domain/refusal.ts';
import { type FailureCode, failureCodes, SamlFailure } from './failures.ts';

/** How a refusal without a failure code of its own is said here; null where it is a bug that it got here. */
const codes: Record<RefusalReason, FailureCode | null> = {
  INVALID_INPUT: null,
  INVALID_CREDENTIALS: null,
  EMAIL_NOT_VERIFIED: null,
  SSO_REQUIRED: null,
  TENANT_ONBOARDING: 'tenant_not_live',
  TENANT_SUSPENDED: 'tenant_suspended',
  TENANT_READ_ONLY: 'tenant_suspended',
  TENANT_OFFBOARDED: 'tenant_offboarded',
  PLAN_LIMIT_REACHED: 'user_limit_reached',
  PLAN_FEATURE_REQUIRED: 'plan_required',
  RATE_LIMITED: null,
  TRANSITION_NOT_ALLOWED: null,
  APPROVAL_REQUIRED: null,
  LEGAL_HOLD: null,
  CONFLICT: null,
  NOT_FOUND: null,
  PERMISSION_DENIED: null,
};

/** A refusal as the reason for which a sign-in failed. Whatever is none is thrown on: not found, or a bug. */
export function toFailure(error: unknown): SamlFailure {
  if (error instanceof SamlFailure) return error;
  if (!(error instanceof Refusal)) throw error;
  const { reason, message, data } = error;
  const code = failureCodes.find((known) => known === data['code']) ?? codes[reason];
  if (code === null) throw error;
  return new SamlFailure(code, { problem: message });
}
