import type { IdpProduct } from './failures.ts';

const hosts: readonly (readonly [RegExp, IdpProduct])[] = [
  [/(?:^|\.)okta(?:preview|-emea|-gov)?\.com$/, 'okta'],
  [/(?:^|\.)(?:sts\.windows\.net|microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn)$/, 'entra'],
];

/** Which product an identity provider is, by the host that its entity ID or its sign-in address names. */
export function recognizeProduct(idp: { entityId: string; ssoUrl: string }): IdpProduct {
  for (const text of [idp.entityId, idp.ssoUrl]) {
    const host = URL.parse(text)?.hostname ?? '';
    const known = hosts.find(([pattern]) => pattern.test(host));
    if (known) return known[1];
  }
  return 'other';
}
