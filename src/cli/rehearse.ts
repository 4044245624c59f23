import { describeFailure, findPlace, placeOptions } from './call.ts';
import { createTenantryClient, type TenantryClient } from './client.ts';
import { type Command, CommandFailed, oneLine, readWords, UsageError } from './command.ts';

/** Prints what will happen to a tenant by itself until a day, as a dated list. */
export const rehearse: Command = {
  help: `tenantry rehearse TENANT --until DATE

  Prints what will happen to a tenant by itself until a day, if nobody does anything: every mail, change of status
  and plan, and deletion, with its date. Nothing happens by asking. TENANT is its slug or id, DATE a day such as
  2027-06-01 or a moment such as 2027-06-01T12:00:00Z.

  --json         the whole timeline as JSON
  --url URL      where the service is (or TENANTRY_URL; http://localhost:3000 when left out)
  --token TOKEN  a bearer token (or TENANTRY_TOKEN)`,
  async run(words, surroundings) {
    const { values, positionals } = readWords(words, {
      until: { type: 'string' },
      json: { type: 'boolean' },
      ...placeOptions,
    });
    const [tenant, ...rest] = positionals;
    if (tenant === undefined || rest.length > 0) throw new UsageError('name one tenant, by its slug or id');
    const until = readMoment(values.until);
    const place = findPlace(values, surroundings);
    const client = createTenantryClient(place);
    try {
      const tenantId = await findTenant(client, tenant);
      const timeline = await client.tenants.timeline.query({ tenantId, until });
      return values.json ? JSON.stringify(timeline, null, 2) : listFuture(timeline);
    } catch (error) {
      if (error instanceof CommandFailed) throw error;
      throw new CommandFailed(describeFailure(error, place.url));
    }
  },
};

function readMoment(text: string | undefined): string {
  const moment = new Date(text ?? '');
  const isDate = /^\d{4}-\d{2}-\d{2}(T.+)?$/.test(text ?? '') && !Number.isNaN(moment.getTime());
  if (!isDate) throw new UsageError('give a day with --until, such as 2027-06-01');
  return moment.toISOString();
}

async function findTenant(client: TenantryClient, name: string): Promise<string> {
  if (/^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/i.test(name)) return name;
  let cursor: string | undefined;
  do {
    const page = await client.tenants.list.query({ search: name, limit: 200, cursor });
    const found = page.items.find(({ slug }) => slug === name);
    if (found) return found.id;
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  throw new CommandFailed(`there is no tenant with the slug ${oneLine(name)}`);
}

type Timeline = Awaited<ReturnType<TenantryClient['tenants']['timeline']['query']>>;

function listFuture({ entries }: Timeline): string {
  const coming = entries.filter(({ when }) => when !== 'past');
  return coming
    .map(({ at, when, title }) => `${at}  ${when === 'now' ? 'now: ' : ''}${oneLine(title)}`)
    .join('\n');
}
