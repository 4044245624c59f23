import type { TenantryClient } from '../../../src/cli/client.ts';
import { style } from '../script.ts';
import type { Stage, StoryTenant } from '../stage.ts';

type Event = Awaited<ReturnType<TenantryClient['audit']['list']['query']>>['items'][number];

const milestones = [
  'tenant.created',
  'invitation.accepted',
  'tenant.updated',
  'scim_token.created',
  'user.created',
  'sso_connection.created',
  'tenant.went_live',
  'sso_login.succeeded',
  'user.deactivated',
  'tenant.suspended',
  'tenant.reinstated',
  'tenant.plan_changed',
] as const;

/** All that happened to the tenant, from its own audit trail. */
export async function readAuditTrail(
  { chapter, engineering }: Stage,
  { id: tenantId, customerSuccess }: StoryTenant,
): Promise<void> {
  const step = chapter('The tenant’s audit trail');

  const events = await step('every milestone of this story is in it, with who and when', async (sees) => {
    const events = await readAll(customerSuccess, tenantId);
    const actions = new Set<string>(events.map(({ action }) => action));
    sees(
      'missing',
      milestones.filter((action) => !actions.has(action)),
      [],
    );
    sees(
      'in order',
      events.every(({ id }, index) => index === 0 || id > (events[index - 1]?.id ?? '')),
      true,
    );
    sees('events', String(events.length), /^\d+$/);
    return events;
  });
  const names = await nameActors(engineering, tenantId);
  for (const line of layOut(events.map((event) => rowOf(event, names)))) console.log(line);
}

async function readAll(client: TenantryClient, tenantId: string): Promise<Event[]> {
  const events: Event[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.audit.list.query({
      tenantId,
      limit: 100,
      ...(cursor === undefined ? {} : { cursor }),
    });
    events.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return events.toReversed();
}

/** The names of those who act: people, tokens, connections. */
async function nameActors(client: TenantryClient, tenantId: string): Promise<Map<string, string>> {
  const [operators, users, tokens, connections] = await Promise.all([
    client.operators.list.query(),
    client.directory.users.list.query({ tenantId }),
    client.connections.scim.listTokens.query({ tenantId }),
    client.connections.sso.list.query({ tenantId }),
  ]);
  return new Map([
    ...operators.items.map(({ id, name }) => [id, name] as const),
    ...users.items.map(({ id, userName }) => [id, userName] as const),
    ...tokens.items.map(({ id, label }) => [id, label] as const),
    ...connections.items.map(({ id, name }) => [id, name] as const),
  ]);
}

function rowOf({ at, actor, action, target, details }: Event, names: Map<string, string>): string[] {
  const who = actor.id === null ? actor.kind : `${actor.kind} ${names.get(actor.id) ?? actor.id.slice(-6)}`;
  const what = target
    ? (names.get(target.id ?? '') ?? (target.kind === 'onboarding_step' ? target.id : ''))
    : '';
  const facts = Object.entries(details)
    .filter(
      ([, value]) => ['string', 'number', 'boolean'].includes(typeof value) && !names.has(String(value)),
    )
    .map(([name, value]) => `${name}=${String(value)}`);
  return [at.slice(11, 23), who, action, [what, ...facts].filter(Boolean).join(' ').slice(0, 72)];
}

function layOut(rows: readonly string[][]): string[] {
  const table = [['at', 'actor', 'action', 'what'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line, index) => `  ${index === 0 ? style('bold', line) : line}`);
}
