import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ownedByTenant } from '../policies.ts';
import { countsStorage } from '../triggers/places.ts';
import { Tenant } from './tenant.ts';
import { Project } from './work.ts';

/** A file of a project. Its bytes are an object of the storage under its id, sealed with a key of its own. */
export const ProjectFile = defineEntity({
  name: 'ProjectFile',
  tableName: 'project_files',
  ...ownedByTenant,
  properties: {
    tenantId: () => p.manyToOne(Tenant).primary().mapToPk().joinColumn('tenant_id'),
    id: p.uuid().primary(),
    project: () => p.manyToOne(Project).joinColumns('tenant_id', 'project_id').deleteRule('cascade'),
    name: p.text(),
    bytes: p.bigint('number'),
    /** Of the plain bytes, in hex. */
    sha256: p.text(),
    contentType: p.text(),
    /** The key of its bytes, sealed with the tenant's. */
    keySealed: p.text(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    byKind: p.text(),
    byId: p.uuid().strictNullable(),
  },
  triggers: [countsStorage],
  uniques: [{ name: 'project_files_name_unique', properties: ['tenantId', 'project', 'name'] }],
  checks: [{ name: 'project_files_bytes_check', expression: 'bytes >= 0' }],
});
export type ProjectFile = InferEntity<typeof ProjectFile>;
