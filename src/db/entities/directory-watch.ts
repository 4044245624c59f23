import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ownedByTenant } from '../policies.ts';
import { Tenant } from './tenant.ts';

/** How many people a tenant had before its directory began to take them, and whether an alarm was raised of it. */
export const DirectoryWatch = defineEntity({
  name: 'DirectoryWatch',
  tableName: 'directory_watches',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    countedAt: p.datetime(),
    /** The active people at that time, with those whom the directory had taken shortly before. */
    people: p.integer(),
    /** The alarm that stands; `null`: none does. */
    alarmId: p.uuid().strictNullable(),
    raisedAt: p.datetime().strictNullable(),
    /** The first and the last deprovisioning that the alarm is about. */
    firstLossAt: p.datetime().strictNullable(),
    lastLossAt: p.datetime().strictNullable(),
  },
});
export type DirectoryWatch = InferEntity<typeof DirectoryWatch>;
