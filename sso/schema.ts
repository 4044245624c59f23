import { readFileSync } from 'node:fs';
import {
  XmlBufferInputProvider,
  xmlCleanupInputProvider,
  XmlDocument,
  XmlError,
  xmlRegisterInputProvider,
  XsdValidator,
} from 'libxml2-wasm';
import { SamlFailure } from './failures.ts';
import { firstLine } from './xml.ts';

const files = [
  'saml-schema-protocol-2.0.xsd',
  'saml-schema-metadata-2.0.xsd',
  'saml-schema-assertion-2.0.xsd',
  'xmldsig-core-schema.xsd',
  'xenc-schema.xsd',
  'xml.xsd',
] as const;

type Validators = { protocol: XsdValidator; metadata: XsdValidator };
let loaded: Validators | null = null;

/** Refuses a document that does not follow the OASIS schema of its kind (`sso/schemas`). */
export function checkSchema(document: XmlDocument, kind: keyof Validators) {
  loaded ??= loadSchemas();
  try {
    loaded[kind].validate(document);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw new SamlFailure('schema_invalid', { problem: withoutValues(firstLine(error.message)) });
  }
}

/** libxml2 quotes the value that it refuses, which may be somebody's address. */
function withoutValues(problem: string) {
  return problem.replace(/(: |The value )'.*'(?= (?:is|has|does) )/, '$1[value]');
}

/** Reads the schemas once. While they load, their imports are served from memory; afterwards nothing is. */
function loadSchemas(): Validators {
  const provider = new XmlBufferInputProvider(
    Object.fromEntries(files.map((file) => [file, readSchema(file)])),
  );
  xmlRegisterInputProvider(provider);
  try {
    return {
      protocol: compile('saml-schema-protocol-2.0.xsd'),
      metadata: compile('saml-schema-metadata-2.0.xsd'),
    };
  } finally {
    xmlCleanupInputProvider();
  }
}

/** The schema's own document stays alive with its validator, which points into it. */
function compile(file: (typeof files)[number]) {
  return XsdValidator.fromDoc(XmlDocument.fromBuffer(readSchema(file), { url: file }));
}

function readSchema(file: string) {
  return readFileSync(new URL(`./schemas/${file}`, import.meta.url));
}
