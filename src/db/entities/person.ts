import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

/** A human being: one row per verified e-mail address, over all tenants. */
export const Person = defineEntity({
  name: 'Person',
  tableName: 'people',
  properties: {
    id: p.uuid().primary(),
    email: p.text(),
    emailKey: p.text().unique('people_email_unique'),
    passwordHash: p.text().strictNullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});
export type Person = InferEntity<typeof Person>;

/** A one-time token mailed to a person, by its hash. */
export const PersonToken = defineEntity({
  name: 'PersonToken',
  tableName: 'person_tokens',
  properties: {
    hash: p.text().primary(),
    person: () => p.manyToOne(Person).deleteRule('cascade'),
    expiresAt: p.datetime().index('person_tokens_expiry_index'),
    usedAt: p.datetime().strictNullable(),
  },
  indexes: [{ name: 'person_tokens_person_index', properties: ['person'] }],
});
