import { Hono } from 'hono';

/** What this is, its version, and where to go next. */
export function createWelcomeApi({ publicUrl, version }: { publicUrl: string; version: string }) {
  const app = new Hono();
  app.get('/', (c) =>
    c.json({
      name: 'tenantry',
      what: 'a tenant-lifecycle control plane: typed actions over tRPC, SCIM 2.0 and SAML 2.0 under plan gating',
      version,
      links: {
        health: `${publicUrl}/healthz`,
        readiness: `${publicUrl}/readyz`,
        metrics: `${publicUrl}/metrics`,
        keys: `${publicUrl}/.well-known/jwks.json`,
        register: `${publicUrl}/api/auth/register`,
        trpc: `${publicUrl}/trpc`,
        scim: `${publicUrl}/scim/v2/{tenantSlug}`,
        sso: `${publicUrl}/sso/{connectionId}/metadata`,
      },
      next: 'sign in as an operator with your bearer token: tenantry call tenants.list',
    }),
  );
  return app;
}
