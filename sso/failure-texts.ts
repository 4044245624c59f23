/** What a refused login's page and trace say: what is so, and what to change where. */
export type FailureText = { says: string; fix: string; okta?: string; entra?: string };

const acsFix = {
  fix: "copy this connection's ACS URL into the identity provider's assertion consumer service field, letter by letter",
  okta: 'in the app, General > SAML settings > Edit: set "Single sign-on URL" to this connection\'s ACS URL and tick "Use this for Recipient URL and Destination URL"',
  entra:
    'in the enterprise application, Single sign-on > Basic SAML Configuration: set "Reply URL (Assertion Consumer Service URL)" to this connection\'s ACS URL and make it the default',
};

const audienceFix = {
  fix: "set the audience (service provider entity ID) in the identity provider to this connection's entity ID",
  okta: 'in the app, General > SAML settings > Edit: set "Audience URI (SP Entity ID)" to this connection\'s entity ID',
  entra:
    'in the enterprise application, Single sign-on > Basic SAML Configuration: set "Identifier (Entity ID)" to this connection\'s entity ID',
};

const certificateFix = {
  fix: "add the identity provider's current signing certificate to the connection, or upload its metadata again; the old one may stay until the change is over",
  okta: 'in the app, Sign On > SAML Signing Certificates: copy the metadata URL of the active certificate and refresh the connection with it',
  entra:
    'in the enterprise application, Single sign-on > SAML Certificates: download the Federation Metadata XML of the active certificate and upload it to the connection',
};

const algorithmFix = {
  fix: 'let the identity provider sign with RSA-SHA256 (or ECDSA-SHA256) and SHA-256 digests',
  okta: 'in the app, General > SAML settings > Show Advanced Settings: set "Signature Algorithm" to RSA-SHA256 and "Digest Algorithm" to SHA256',
  entra:
    'in the enterprise application, Single sign-on > SAML Certificates > Edit: set "Signing Algorithm" to SHA-256',
};

const signingFix = {
  fix: 'let the identity provider sign the assertion',
  okta: 'in the app, General > SAML settings > Show Advanced Settings: set "Assertion Signature" to Signed',
  entra:
    'in the enterprise application, Single sign-on > SAML Certificates > Edit: set "Signing Option" to "Sign SAML assertion"',
};

const nameIdFix = {
  fix: 'let the identity provider send a NameID that stays the same for a person',
  okta: 'in the app, General > SAML settings: set "Name ID format" and "Application username"',
  entra:
    'in the enterprise application, Single sign-on > Attributes & Claims: set the "Unique User Identifier (Name ID)" claim',
};

const attributeFix = {
  fix: "correct the attribute in the identity provider, or the connection's attribute mapping",
  okta: 'in the app, General > SAML settings > Attribute Statements: send one value for this name',
  entra:
    'in the enterprise application, Single sign-on > Attributes & Claims: let the claim have one value, of one source attribute',
};

const messageFix = {
  fix: 'sign in again; if it happens again, something between the identity provider and this service changes the message',
};

const formFix = {
  fix: 'let the identity provider send one plain SAML 2.0 response without extensions, comments or a document type; the trace shows where it differs',
};

const clockFix = {
  fix: "sign in again; if it happens again, set the identity provider's clock by NTP: it differs from ours by more than a minute",
};

const againFix = { fix: 'start the sign-in again from the application' };

const assignmentFix = {
  fix: 'the identity provider refused the sign-in itself: assign the person to this application there and look at its own log',
  okta: 'in the app, Assignments: assign the person or a group of theirs; Reports > System Log says why it was refused',
  entra:
    'in the enterprise application, Users and groups: assign the person; Sign-in logs say why it was refused',
};

const encryptionFix = {
  fix: 'switch assertion encryption off in the identity provider for this application; the connection is encrypted by TLS',
  okta: 'in the app, General > SAML settings > Show Advanced Settings: set "Assertion Encryption" to Unencrypted',
  entra: 'in the enterprise application, Token encryption: deactivate the certificate of this application',
};

/** What is wrong (shown to whoever signs in), and what an admin changes; products only where they differ. */
export const failureTexts = {
  message_malformed: { says: 'the sign-in response could not be read', ...messageFix },
  message_too_large: {
    says: 'the sign-in response is larger than 256 KB',
    fix: 'send fewer attributes or groups in the response',
  },
  markup_forbidden: { says: 'the sign-in response contains markup that is never part of one', ...formFix },
  structure_excessive: { says: 'the sign-in response has more elements than any real one', ...formFix },
  schema_invalid: { says: 'the sign-in response does not follow the SAML 2.0 schema', ...formFix },
  structure_invalid: {
    says: 'the sign-in response is put together in a way that is not accepted',
    ...formFix,
  },
  status_not_success: { says: 'the identity provider did not let this person in', ...assignmentFix },
  assertion_missing: { says: 'the sign-in response says nothing about who signed in', ...assignmentFix },
  assertion_ambiguous: { says: 'the sign-in response holds more than one assertion', ...formFix },
  assertion_encrypted: {
    says: 'the sign-in response is encrypted, which this connection does not read',
    ...encryptionFix,
  },
  signature_missing: { says: 'the sign-in response is not signed', ...signingFix },
  signature_invalid: { says: 'the signature of the sign-in response is not valid', ...certificateFix },
  certificate_unknown: {
    says: 'the sign-in response is signed with a certificate this connection does not know',
    ...certificateFix,
  },
  algorithm_weak: {
    says: 'the sign-in response is signed with an algorithm that is no longer safe',
    ...algorithmFix,
  },
  key_weak: {
    says: 'the signing key of the identity provider is too weak',
    fix: 'use an RSA key of 2048 bits or more, or an ECDSA key on P-256, P-384 or P-521',
  },
  issuer_wrong: {
    says: 'the sign-in response comes from another identity provider',
    fix: "correct the identity provider's entity ID in the connection; it is compared letter by letter",
  },
  audience_missing: { says: 'the sign-in response does not say for which service it is', ...audienceFix },
  audience_wrong: { says: 'the sign-in response is meant for another service', ...audienceFix },
  recipient_wrong: { says: 'the sign-in response names another address as its recipient', ...acsFix },
  destination_wrong: { says: 'the sign-in response was sent for another address', ...acsFix },
  confirmation_wrong: { says: 'the sign-in response has no usable bearer confirmation', ...formFix },
  request_unknown: {
    says: 'the sign-in response answers a request that this connection did not make',
    ...againFix,
  },
  request_expired: { says: 'the sign-in took too long', ...againFix },
  unsolicited_response: {
    says: 'the sign-in was started at the identity provider, which this connection does not allow',
    fix: "start the sign-in at the application; in the identity provider, let its tile open this connection's login URL",
    okta: "hide the app's tile (General > App visibility) and assign a Bookmark App with this connection's login URL instead",
    entra:
      'in the enterprise application, Single sign-on > Basic SAML Configuration: set "Sign on URL (Optional)" to this connection\'s login URL',
  },
  browser_changed: {
    says: 'the sign-in was finished in another browser than it was started in',
    ...againFix,
  },
  conditions_missing: { says: 'the sign-in response does not say until when it is valid', ...formFix },
  not_yet_valid: { says: 'the sign-in response is not valid yet', ...clockFix },
  expired: { says: 'the sign-in response is no longer valid', ...clockFix },
  issue_instant_wrong: { says: 'the sign-in response was made too long ago, or in the future', ...clockFix },
  authn_statement_missing: { says: 'the sign-in response does not say that anybody signed in', ...formFix },
  name_id_missing: { says: 'the sign-in response does not name the person', ...nameIdFix },
  attribute_ambiguous: { says: 'an attribute that should have one value has several', ...attributeFix },
  attribute_invalid: { says: 'an attribute has a value that cannot be used', ...attributeFix },
  email_missing: { says: 'the sign-in response carries no e-mail address', ...attributeFix },
  email_domain_not_verified: {
    says: 'the e-mail address is on a domain that this tenant has not verified',
    fix: 'verify the domain, or let the identity provider send an address on a verified one',
  },
  replayed: { says: 'this sign-in response was used before', ...againFix },
  relay_state_invalid: {
    says: 'the page to return to is not one of the application',
    fix: "name a path of the application as returnTo, or have its origin added to ALLOWED_ORIGINS or to this tenant's redirectOrigins",
  },
  connection_draft: {
    says: 'this SSO connection is not set up yet',
    fix: "an admin of this tenant gives the connection the identity provider's metadata",
  },
  connection_disabled: {
    says: 'this SSO connection is switched off',
    fix: 'an admin switches the connection on',
  },
  user_unknown: {
    says: 'there is no account for this person',
    fix: 'an admin invites the person, provisions them by SCIM, or switches on just-in-time accounts',
  },
  user_deactivated: {
    says: 'the account of this person is deactivated',
    fix: 'assign the person to the application in the identity provider again, or reactivate the account',
  },
  user_limit_reached: {
    says: 'the plan of this tenant has no room for another user',
    fix: 'an admin raises the plan or deactivates somebody',
  },
  plan_required: {
    says: 'the plan of this tenant does not include SSO',
    fix: 'an owner changes to a plan with SSO; passwords work in the meantime',
  },
  tenant_not_live: {
    says: 'this tenant is not live yet',
    fix: 'its admins can sign in already; everybody else can after the go-live',
  },
  tenant_suspended: {
    says: 'this tenant is suspended',
    fix: "an owner asks support why, and ends the suspension's cause",
  },
  tenant_offboarded: { says: 'this tenant has been closed', fix: 'an owner asks support' },
} satisfies Record<string, FailureText>;
