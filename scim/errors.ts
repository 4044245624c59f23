import { Refusal, type RefusalReason } from '../src/domain/refusal.ts';

/** The media type of every request and response body (RFC 7644 §8.1). */
export const scimMediaType = 'application/scim+json';

/** The detail error keywords of RFC 7644 §3.12, table 9, and RFC 9865 §2.1, table 3. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount';

/** The statuses that an error of this protocol may have. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 415 | 429 | 500 | 501;

/** An error body. `status` is a string: RFC 7644 §3.12 says so, and Okta reads it so. */
export type ScimError = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'];
  status: string;
  scimType?: ScimType;
  detail: string;
};

/** A request that breaks the protocol itself, where no rule of the product was asked. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly status: ErrorStatus;
  readonly scimType: ScimType | undefined;

  constructor(status: ErrorStatus, detail: string, scimType?: ScimType) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
  }
}

/** How each refusal is said. 403 makes an identity provider wait; 404 would make it delete people. */
const answers: Record<RefusalReason, { status: ErrorStatus; scimType?: ScimType }> = {
  INVALID_INPUT: { status: 400, scimType: 'invalidValue' },
  INVALID_CREDENTIALS: { status: 401 },
  EMAIL_NOT_VERIFIED: { status: 403 },
  SSO_REQUIRED: { status: 403 },
  TENANT_ONBOARDING: { status: 403 },
  TENANT_SUSPENDED: { status: 403 },
  TENANT_READ_ONLY: { status: 403 },
  TENANT_OFFBOARDED: { status: 403 },
  PLAN_LIMIT_REACHED: { status: 403 },
  PLAN_FEATURE_REQUIRED: { status: 403 },
  RATE_LIMITED: { status: 429 },
  TRANSITION_NOT_ALLOWED: { status: 409 },
  APPROVAL_REQUIRED: { status: 403 },
  LEGAL_HOLD: { status: 403 },
  CONFLICT: { status: 409, scimType: 'uniqueness' },
  NOT_FOUND: { status: 404 },
  PERMISSION_DENIED: { status: 403 },
};

/** The error body for a status, with a keyword where the RFC has one. */
export function describeError(status: ErrorStatus, detail: string, scimType?: ScimType): ScimError {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    ...(scimType && { scimType }),
    detail,
  };
}

/** Says a refusal or a protocol error the way RFC 7644 §3.12 asks; any other error is a bug and answers 500. */
export function toScimError(error: unknown): { status: ErrorStatus; body: ScimError } {
  if (error instanceof ProtocolError) {
    const { status, message, scimType } = error;
    return { status, body: describeError(status, message, scimType) };
  }
  if (error instanceof Refusal) {
    const { status, scimType } = answers[error.reason];
    return { status, body: describeError(status, error.message, scimType) };
  }
  return { status: 500, body: describeError(500, 'an unexpected error happened') };
}

/** The 400 of RFC 7644 §3.12 with its keyword. */
export function badRequest(scimType: ScimType, detail: string): ProtocolError {
  return new ProtocolError(400, detail, scimType);
}
