import { type UserAttributes, type UserRecord, userAttributes } from '../../src/domain/user-attributes.ts';
import { applyPatch, readPatch } from '../../scim/patch/patch.ts';

export const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const baseUrl = 'https://tenantry.example/scim/v2/acme';

/** A user of whom everything but the name is as given. */
export function aUser(known: Partial<UserAttributes> = {}): UserAttributes {
  return userAttributes.parse({ userName: 'Bob@X.com', active: true, ...known });
}

export function aRecord(known: Partial<UserAttributes> = {}): UserRecord {
  return {
    ...aUser(known),
    id: '019a5c1e-0000-7000-8000-000000000001',
    version: 3,
    createdAt: new Date('2026-01-02T03:04:05.678Z'),
    updatedAt: new Date('2026-02-03T04:05:06.789Z'),
    groups: [],
  };
}

/** Sends operations as a client would, in a JSON body. */
export function patch(user: UserAttributes, ...Operations: unknown[]) {
  const body: unknown = JSON.parse(
    JSON.stringify({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }),
  );
  return applyPatch(user, readPatch(body));
}
