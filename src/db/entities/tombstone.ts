import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { DeletionCertificate, ClosingOutcome, PurgeOrder } from '../../domain/lifecycle/certificate.ts';

/** How far a purge is. Each step is safe to repeat, so any worker goes on from here after a crash. */
export const purgeStates = ['claimed', 'deleting', 'verifying', 'certified'] as const;

/** What is left of a purged tenant: that it was, and the proof that it is gone. Not a tenant's row: it outlives it. */
export const Tombstone = defineEntity({
  name: 'Tombstone',
  tableName: 'tombstones',
  properties: {
    /** The tenant's id. */
    id: p.uuid().primary(),
    /** SHA-256 of the slug, in hex. */
    slugHash: p.text(),
    state: p.enum(purgeStates).default('claimed'),
    /** Why, by whom asked and approved, since when offboarded. */
    order: p.json().$type<PurgeOrder>(),
    claimedAt: p.datetime(),
    keyDestroyedAt: p.datetime().strictNullable(),
    /** Rows deleted, by table. */
    rows: p.json().$type<Record<string, number>>().defaultRaw(`'{}'`),
    files: p.integer().default(0),
    bytes: p.bigint('number').default(0),
    jobs: p.integer().default(0),
    mails: p.integer().default(0),
    closing: p.json().$type<ClosingOutcome[]>().defaultRaw(`'[]'`),
    /** Addresses of the last owners, sealed with `SECRET_KEY` and kept until each was told; then null. */
    recipientsSealed: p.text().strictNullable(),
    certificate: p.json().$type<DeletionCertificate>().strictNullable(),
    certifiedAt: p.datetime().strictNullable(),
    /** Hashes of the tokens in the mailed links. */
    linkHashes: p.array().defaultRaw(`'{}'`),
  },
  indexes: [
    { name: 'tombstones_unfinished_index', properties: ['claimedAt'], where: `state <> 'certified'` },
  ],
  checks: [
    {
      name: 'tombstones_certified_check',
      expression: `(state = 'certified') = (certificate is not null) and (state = 'certified') = (certified_at is not null)`,
    },
  ],
});
export type Tombstone = InferEntity<typeof Tombstone>;

/** A slug that was given once is never given again: its hash stays, also when the tenant is gone. */
export const TakenSlug = defineEntity({
  name: 'TakenSlug',
  tableName: 'taken_slugs',
  properties: {
    hash: p.text().primary(),
    takenAt: p.datetime().defaultRaw('now()'),
  },
});
