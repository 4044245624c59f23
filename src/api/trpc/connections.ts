import { pageInput } from '../../domain/pages.ts';
import {
  createScimToken,
  createScimTokenInput,
  listScimTokens,
  revokeScimToken,
  rotateScimToken,
  scimTokenInput,
} from '../../actions/connections/scim-tokens.ts';
import { describeHealth } from '../../actions/connections/directory-health.ts';
import { listRequests, listRequestsInput } from '../../actions/connections/directory-log.ts';
import {
  connectionInput,
  createConnection,
  createConnectionInput,
  listAttempts,
  listAttemptsInput,
  listConnections,
  removeConnection,
  updateConnection,
  updateConnectionInput,
} from '../../actions/connections/sso-connections.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { IdpMetadata } from '../../infra/idp-metadata.ts';
import { router, type RouterContext } from './base.ts';
import { act, onTenant, read } from './procedures.ts';

type WithSlug = { slug: string; token: string };

/** A token as its creator sees it, once: with the address to give to the identity provider. */
function withBaseUrl<Issued extends WithSlug>({ slug, ...issued }: Issued, { publicUrl }: RouterContext) {
  return { ...issued, baseUrl: `${publicUrl}/scim/v2/${slug}`, ...warnOfUrl(publicUrl) };
}

/** Identity providers in the cloud reach public HTTPS addresses alone, and say no more than that they could not. */
function warnOfUrl(publicUrl: string): { warning?: string } {
  if (publicUrl.startsWith('https://')) return {};
  const how = 'set PUBLIC_URL to the HTTPS address of the proxy or tunnel in front of this service';
  return { warning: `an identity provider cannot reach ${publicUrl}: ${how}` };
}

/** A connection with the values to copy into the identity provider. */
function withUrls<Connection extends { id: string }>(connection: Connection, { publicUrl }: RouterContext) {
  const base = `${publicUrl}/sso/${connection.id}`;
  const spEntityId = `${base}/metadata`;
  return {
    ...connection,
    spEntityId,
    acsUrl: `${base}/acs`,
    metadataUrl: spEntityId,
    loginUrl: `${base}/login`,
  };
}

type IdpInput = {
  metadataXml?: string | undefined;
  entityId?: string | undefined;
  ssoUrl?: string | undefined;
  certificates?: string[] | undefined;
};

/** What an input says of the identity provider: its metadata, its three fields, or nothing yet. */
function idpOf(
  { metadataXml, entityId, ssoUrl, certificates }: IdpInput,
  { saml }: RouterContext,
): IdpMetadata | null {
  if (metadataXml !== undefined) return saml.readIdpMetadata(metadataXml);
  if (entityId !== undefined && ssoUrl !== undefined && certificates !== undefined) {
    return saml.readIdpFields({ entityId, ssoUrl, certificates });
  }
  if (entityId === undefined && ssoUrl === undefined && certificates === undefined) return null;
  throw new Refusal('INVALID_INPUT', 'give metadataXml, or all of entityId, ssoUrl and certificates');
}

export const connections = router({
  scim: router({
    createToken: onTenant
      .input(createScimTokenInput)
      .mutation(act(async (scope, input, ctx) => withBaseUrl(await createScimToken(scope, input), ctx))),
    listTokens: onTenant.input(pageInput.prefault({})).query(read(listScimTokens)),
    rotateToken: onTenant
      .input(scimTokenInput)
      .mutation(act(async (scope, input, ctx) => withBaseUrl(await rotateScimToken(scope, input), ctx))),
    revokeToken: onTenant.input(scimTokenInput).mutation(act(revokeScimToken)),
    log: onTenant.input(listRequestsInput.prefault({})).query(read(listRequests)),
    health: onTenant.query(read(describeHealth)),
  }),
  sso: router({
    create: onTenant.input(createConnectionInput).mutation(
      act(async (scope, input, ctx) => {
        const idp = idpOf(input, ctx);
        const key = await ctx.saml.makeSpKeyMaterial(scope.tenant.slug, scope.now);
        const connection = await createConnection(scope, { ...input, idp }, key);
        return { ...withUrls(connection, ctx), ...warnOfUrl(ctx.publicUrl) };
      }),
    ),
    update: onTenant.input(updateConnectionInput).mutation(
      act(async (scope, { connectionId, ...input }, ctx) => {
        const change = { ...input, idp: idpOf(input, ctx) };
        return withUrls(await updateConnection(scope, connectionId, change), ctx);
      }),
    ),
    list: onTenant.input(pageInput.prefault({})).query(
      read(async (scope, input, ctx) => {
        const { items, nextCursor } = await listConnections(scope, input);
        return { items: items.map((item) => withUrls(item, ctx)), nextCursor };
      }),
    ),
    remove: onTenant.input(connectionInput).mutation(act(removeConnection)),
    log: onTenant.input(listAttemptsInput.prefault({})).query(read(listAttempts)),
  }),
});
