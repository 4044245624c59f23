import { test } from 'vitest';
import { aTenant, openWorld } from '../support/world.ts';
import { makeRows, tenantTables, nameOf } from './sample-rows.ts';
const world = await openWorld();
test('x', async () => {
  const a = await aTenant(world, { plan: 'free' });
  console.log(tenantTables.map(nameOf).join(' '));
  const rows = await world.inTenant(a.id, makeRows);
  console.log(JSON.stringify([...rows], null, 0).slice(0, 3000));
});
