/** What a route checks beside who asks. */
export const checked = ['bare', 'status', 'entitlement', 'limit', 'all'] as const;
export type Checked = (typeof checked)[number];

/** What the routes run on: the service's database, files, key and address. */
export type Place = { databaseUrl: string; dataDir: string; secretKey: string; url: string };
