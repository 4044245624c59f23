import { createRequestLog } from '../../../scim/log/request-log.ts';
import { createLog } from '../../../src/infra/log.ts';
import { createEntraClient, createOktaClient, createScimClient } from '../../support/scim-client.ts';
import { aScimToken, aTenant, type World } from '../../support/world.ts';
import { mountScim, publicUrl } from '../directory.ts';

type Filters = Omit<
  Parameters<World['operator']['connections']['scim']['log']['query']>[0] & object,
  'tenantId'
>;

/** A tenant whose directory speaks to an app that keeps its log, and a look at that log. */
export async function aLoggedDirectory(world: World) {
  const tenant = await aTenant(world, { plan: 'enterprise' });
  const { token, id: tokenId } = await aScimToken(world, tenant);
  const requests = createRequestLog({ db: world.db, log: createLog({ level: 'fatal', format: 'json' }) });
  const { fetch } = mountScim(world, requests.note);
  const options = { baseUrl: `${publicUrl}/scim/v2/${tenant.slug}`, token, fetch };
  /** The log, newest first, with all that was asked until now. */
  const readLog = async (filters: Filters = {}) => {
    await requests.close();
    return world.operator.connections.scim.log.query({ tenantId: tenant.id, limit: 200, ...filters });
  };
  return {
    tenant,
    tokenId,
    ...options,
    ...createScimClient(options),
    entra: createEntraClient(options),
    okta: createOktaClient(options),
    requests,
    readLog,
    lastLogged: async () => (await readLog()).items[0],
  };
}
