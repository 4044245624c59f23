/** Why the service's own PostgreSQL does not start, in one line that a person can act on. */
export class EmbeddedPostgresError extends Error {
  override readonly name: string = 'EmbeddedPostgresError';
}

/** Another living process serves this DATA_DIR. */
export class DataDirInUseError extends EmbeddedPostgresError {
  override readonly name = 'DataDirInUseError';

  constructor(dataDir: string) {
    super(
      `DATA_DIR ${dataDir} is in use: another process of this service serves it. ` +
        'Stop that one, choose another DATA_DIR, or let both share a database by DATABASE_URL',
    );
  }
}
