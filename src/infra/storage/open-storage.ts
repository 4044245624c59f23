import { createFileStorage, type Storage } from '../storage.ts';
import { messageOf } from '../system-error.ts';
import type { S3Place, StoragePlace } from './storage-url.ts';

/** A storage that cannot be used as it is, said in one line. */
export class StorageNotUsable extends Error {
  override readonly name = 'StorageNotUsable';
}

/** Opens the storage that STORAGE_URL names. Throws `StorageNotUsable` where it would not keep what is promised. */
export async function openStorage(place: StoragePlace): Promise<Storage> {
  if (place.kind === 'file') return createFileStorage({ root: place.root });
  // Who keeps files in a folder need not have Amazon's client in memory: 57 MB of it.
  const { createS3Storage, refuseUnfitBucket } = await import('./s3-storage.ts');
  const storage = createS3Storage(place);
  try {
    await refuseUnfitBucket(place, storage);
  } catch (error) {
    throw new StorageNotUsable(`STORAGE_URL: cannot use ${nameOf(place)}: ${messageOf(error)}`);
  }
  return storage;
}

function nameOf({ bucket, endpoint }: S3Place): string {
  return `the bucket ${bucket}${endpoint === null ? '' : ` at ${endpoint}`}`;
}
