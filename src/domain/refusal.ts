/**
 * Every reason for which this product says no. Callers branch on these words; each entry point
 * says them in its own language by a table that must be complete.
 */
export const refusalReasons = [
  'INVALID_INPUT',
  'INVALID_CREDENTIALS',
  'EMAIL_NOT_VERIFIED',
  'SSO_REQUIRED',
  'TENANT_ONBOARDING',
  'TENANT_SUSPENDED',
  'TENANT_READ_ONLY',
  'TENANT_OFFBOARDED',
  'PLAN_LIMIT_REACHED',
  'PLAN_FEATURE_REQUIRED',
  'RATE_LIMITED',
  'TRANSITION_NOT_ALLOWED',
  'APPROVAL_REQUIRED',
  'LEGAL_HOLD',
  'CONFLICT',
  'NOT_FOUND',
  'PERMISSION_DENIED',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** What a refusal tells beside its sentence: flat, JSON-safe, and never another tenant's. */
export type RefusalData = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/**
 * The one way to say no: a reason callers branch on, a sentence a person can act on, typed data.
 * Anything else that is thrown is a bug.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: RefusalReason;
  readonly data: RefusalData;

  constructor(reason: RefusalReason, message: string, data: RefusalData = {}) {
    super(message);
    this.reason = reason;
    this.data = data;
  }
}
