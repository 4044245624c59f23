import { Notification } from '../../../src/db/entities/notification.ts';
import { Task } from '../../../src/db/entities/operations.ts';
import { WebhookDelivery } from '../../../src/db/entities/webhook.ts';
import { addUsers } from '../../limits/crowd.ts';
import { anOwner, type World } from '../../support/world.ts';
import { aDirectory } from '../directory.ts';

/** A tenant with an owner and so many people of its directory, by their ids; the more are let in by an agreement. */
export async function aFullDirectory(world: World, people: number) {
  const directory = await aDirectory(world);
  const tenantId = directory.tenant.id;
  const owner = await anOwner(world, directory.tenant);
  await world.operator.plans.setOverrides.mutate({
    tenantId,
    limits: { users: people + 50 },
    note: 'a test',
  });
  const ids = await world.inTenant(tenantId, async (scope) => {
    await addUsers(scope, people);
    const rows = await scope.em.execute<{ id: string }[]>(
      `select id from users where tenant_id = ? and origin = 'scim' order by id`,
      [tenantId],
    );
    return rows.map(({ id }) => id);
  });
  return { ...directory, tenantId, owner, client: world.as(owner.accessToken), ids };
}

/** What was told of a directory that took many: the audit events, who was mailed, the operators' tasks, the webhooks. */
export function readAlarms(world: World, tenantId: string) {
  return world.inTenant(tenantId, async ({ em }) => {
    const events = await em.execute<{ details: Record<string, unknown> }[]>(
      `select details from audit_events where tenant_id = ? and action = 'directory.mass_deprovisioning' order by id`,
      [tenantId],
    );
    const mails = await em.find(Notification, {
      tenantId,
      mail: { $in: ['mass_deprovisioning', 'mass_deprovisioning_alert'] },
    });
    const tasks = await em.find(Task, { tenantId, kind: 'directory_review' });
    const told = await em.find(WebhookDelivery, { tenantId, eventType: 'directory.mass_deprovisioning' });
    return {
      webhooks: told.map(({ payload }) => payload['details']),
      details: events.map(({ details }) => details),
      mails: mails.map(({ mail, recipientKind }) => `${mail} to ${recipientKind}`).toSorted(),
      tasks: tasks.map(({ doneAt }) => (doneAt ? 'done' : 'open')),
    };
  });
}

/** As if so many minutes had passed since the directory last did anything. */
export function letPass(world: World, tenantId: string, minutes: number) {
  return world.inTenant(tenantId, async ({ em }) => {
    const users = ['deactivated_at', 'removed_at'];
    const watch = ['counted_at', 'raised_at', 'first_loss_at', 'last_loss_at'];
    for (const [table, columns] of [
      ['users', users],
      ['directory_watches', watch],
    ] as const) {
      const values = [...columns.map(() => minutes), tenantId];
      await em.execute(`update ${table} set ${earlier(columns)} where tenant_id = ?`, values);
    }
  });
}

function earlier(columns: readonly string[]): string {
  return columns.map((column) => `${column} = ${column} - make_interval(mins => ?)`).join(', ');
}
