/** What a schema says of an attribute (RFC 7643 §7). */
export type AttributeDefinition = {
  readonly name: string;
  readonly type:
    | 'string'
    | 'boolean'
    | 'decimal'
    | 'integer'
    | 'dateTime'
    | 'reference'
    | 'binary'
    | 'complex';
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned: 'always' | 'never' | 'default' | 'request';
  readonly uniqueness: 'none' | 'server' | 'global';
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly AttributeDefinition[];
};

/** A schema of RFC 7643: `property` is what the directory calls an extension, null for a core schema. */
export type SchemaDefinition = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly property: string | null;
  /** Wrong spellings of the URN that clients are known to send. */
  readonly misspellings: readonly string[];
  readonly attributes: readonly AttributeDefinition[];
};

/** An attribute in its place: `key` is its canonical name, `userName` or `enterprise.department`. */
export type Attribute = {
  readonly key: string;
  readonly schema: SchemaDefinition;
  readonly definition: AttributeDefinition;
};

/** A kind of resource: its endpoint, its core schema, its extensions, and all their attributes. */
export type ResourceType = {
  readonly name: string;
  readonly endpoint: string;
  readonly description: string;
  readonly schema: SchemaDefinition;
  readonly extensions: readonly SchemaDefinition[];
  readonly attributes: readonly Attribute[];
};

const plain = {
  type: 'string',
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
} as const;

/** An attribute as RFC 7643 §2.2 describes it when a schema says nothing else: an optional string. */
export function defineAttribute(
  name: string,
  description: string,
  others: Partial<AttributeDefinition> = {},
): AttributeDefinition {
  return { ...plain, name, description, ...others };
}

/** A multi-valued attribute with the sub-attributes that RFC 7643 §2.4 gives by default. */
export function defineList(
  name: string,
  description: string,
  { value = {}, types = [] }: { value?: Partial<AttributeDefinition>; types?: readonly string[] },
): AttributeDefinition {
  const subAttributes = [
    defineAttribute('value', `The value itself.`, value),
    defineAttribute('display', 'A name for people to read.'),
    ...describeElement(types),
  ];
  return defineAttribute(name, description, { type: 'complex', multiValued: true, subAttributes });
}

/** What every element of a list may say of itself: its function, and whether it is the preferred one. */
export function describeElement(types: readonly string[]): AttributeDefinition[] {
  return [
    defineAttribute('type', 'What the value is for.', types.length > 0 ? { canonicalValues: types } : {}),
    defineAttribute('primary', 'Whether this is the preferred value; true at most once.', {
      type: 'boolean',
    }),
  ];
}

/** The part of a complex attribute that is called so; names are compared without case (RFC 7643 §2.1). */
export function findSubAttribute(
  { subAttributes = [] }: AttributeDefinition,
  name: string,
): AttributeDefinition | undefined {
  const wanted = name.toLowerCase();
  return subAttributes.find((sub) => sub.name.toLowerCase() === wanted);
}
