import { Migration20261123Spine } from './20261123-spine.ts';

/** Every migration, oldest first. A migration that has been released never changes. */
export const migrations = [{ name: '20261123-spine', class: Migration20261123Spine }];
