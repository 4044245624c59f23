import type { OffboardingTrigger } from './offboarding.ts';

/** Who ordered a purge, and why. */
export type PurgeOrder = {
  trigger: OffboardingTrigger;
  requestedBy: { kind: string; id: string | null };
  claimedBy: { kind: string; id: string | null };
  approvedBy: string | null;
  requestedAt: string;
  offboardedAt: string;
  sandbox: boolean;
};

/** What became of a line of the closing checklist. */
export type ClosingOutcome = { task: string; state: string; evidence: string | null };

/** What is kept after a purge: which table, why, until when (`null`: for good). */
export type RetainedRecord = { table: string; reason: string; until: string | null };

/** The proof of a purge. What is signed is everything but `signature`, in canonical JSON (RFC 8785). */
export type DeletionCertificate = {
  type: 'tenantry.deletion-certificate';
  version: 1;
  tenantId: string;
  /** SHA-256 of the tenant's slug, in hex. */
  slugHash: string;
  order: PurgeOrder;
  startedAt: string;
  completedAt: string;
  /** Rows deleted, by table. */
  rows: Record<string, number>;
  files: number;
  bytes: number;
  jobs: number;
  mails: number;
  /** When the tenant's own key was destroyed: what was sealed with it is unreadable since then, everywhere. */
  keyDestroyedAt: string;
  /** The last checkpoint of the audit trail, where it had one. */
  auditCheckpoint: string | null;
  /** What old dumps of the database may still hold, and until when. */
  backups: { mayHoldUntil: string; statement: string };
  retained: RetainedRecord[];
  closing: ClosingOutcome[];
  signature: { algorithm: 'EdDSA'; keyId: string; value: string };
};
