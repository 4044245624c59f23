import type { World } from '../support/world.ts';

/** Gives a tenant some projects at once. */
export async function addProjects(world: World, { id }: { id: string }, count: number): Promise<void> {
  await world.inTenant(id, ({ em }) =>
    em.execute(
      `insert into projects (tenant_id, id, name, description, created_at, updated_at)
       select ?, gen_random_uuid(), 'P ' || n, '', now(), now() from generate_series(1, ?::int) n`,
      [id, count],
    ),
  );
}
