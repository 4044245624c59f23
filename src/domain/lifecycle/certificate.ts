import type { OffboardingTrigger } from './offboarding.ts';
import { daysAfter } from './deadlines.ts';

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

/** Ed25519 over a document's canonical JSON, in base64url; `keyId` names one of the published document keys. */
export type DocumentSignature = { algorithm: 'EdDSA'; keyId: string; value: string };

/** What was deleted. */
export type DeletedCounts = {
  /** Rows, by table. */
  rows: Record<string, number>;
  files: number;
  bytes: number;
  jobs: number;
  /** Mails kept as files; what went out over SMTP is with its readers. */
  mails: number;
};

/** What a certificate says. All of it is signed, as canonical JSON (RFC 8785). */
export type CertificateFacts = DeletedCounts & {
  type: 'tenantry.deletion-certificate';
  version: 1;
  tenantId: string;
  /** SHA-256 of the tenant's slug, in hex. */
  slugHash: string;
  order: PurgeOrder;
  startedAt: string;
  completedAt: string;
  /** When the tenant's own key was destroyed: what was sealed with it is unreadable since then, everywhere. */
  keyDestroyedAt: string;
  /** The count after the deletion, over every table, the storage, the job queue and the mail folder. */
  countedAgain: DeletedCounts & { at: string; tables: number };
  /** The last checkpoint of the audit trail, or in words why there is none. */
  auditCheckpoint: { checkpoint: string | null; statement: string };
  /** What old dumps of the database may still hold, and until when. */
  backups: { mayHoldUntil: string; statement: string };
  retained: RetainedRecord[];
  closing: ClosingOutcome[];
};

/** The proof of a purge. */
export type DeletionCertificate = CertificateFacts & { signature: DocumentSignature };

/** What a certificate says of backups made before the purge was over. */
export function backupStatement(completedAt: Date, retentionDays: number): CertificateFacts['backups'] {
  const until = daysAfter(completedAt, retentionDays).toISOString();
  return {
    mayHoldUntil: until,
    statement: `Backups of the database made before ${completedAt.toISOString()} may still hold rows of this tenant until ${until}, when the last of them is deleted. What was sealed with the tenant's own key (its secrets, its files, personal values of its audit trail) is unreadable in them already, since that key is kept outside the database and was destroyed first.`,
  };
}

/** What a certificate says where the audit trail has no checkpoint. */
export const noCheckpoint: CertificateFacts['auditCheckpoint'] = {
  checkpoint: null,
  statement: 'The audit trail of this tenant was not sealed by checkpoints when it was deleted.',
};
