import { Migration20261123Spine } from './20261123-spine.ts';
import { Migration20261125Lifecycle } from './20261125-lifecycle.ts';
import { Migration20261126Plans } from './20261126-plans.ts';
import { Migration20261127Groups } from './20261127-groups.ts';
import { Migration20261127Log } from './20261127-log.ts';
import { Migration20261127Deprovisioning } from './20261127-deprovisioning.ts';
import { Migration20261127Filters } from './20261127-filters.ts';

/** Every migration, oldest first. A migration that has been released never changes. */
export const migrations = [
  { name: '20261123-spine', class: Migration20261123Spine },
  { name: '20261125-lifecycle', class: Migration20261125Lifecycle },
  { name: '20261126-plans', class: Migration20261126Plans },
  { name: '20261127-groups', class: Migration20261127Groups },
  { name: '20261127-log', class: Migration20261127Log },
  { name: '20261127-deprovisioning', class: Migration20261127Deprovisioning },
  { name: '20261127-filters', class: Migration20261127Filters },
];
