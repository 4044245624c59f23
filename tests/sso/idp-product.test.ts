import { expect, test } from 'vitest';
import { recognizeProduct } from '../../sso/idp-product.ts';

test.each([
  ['http://www.okta.com/exk1fcia6d6EMsf331d8', 'https://acme.okta.com/app/x/sso/saml', 'okta'],
  ['urn:acme', 'https://acme.oktapreview.com/app/x/sso/saml', 'okta'],
  [
    'https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/',
    'https://login.microsoftonline.com/x/saml2',
    'entra',
  ],
  ['urn:acme', 'https://login.microsoftonline.us/x/saml2', 'entra'],
  ['https://okta.com.evil.example/', 'https://notokta.com/', 'other'],
  ['urn:acme', 'https://idp.acme.example/sso', 'other'],
])('%s at %s is %s', (entityId, ssoUrl, product) => {
  expect(recognizeProduct({ entityId, ssoUrl })).toBe(product);
});
