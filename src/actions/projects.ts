import { z } from 'zod';
import { isStorable } from '../domain/user-attributes.ts';
import { line } from '../domain/names.ts';
import type { PageInput } from '../domain/pages.ts';
import { authorize } from '../domain/permissions.ts';
import { record } from '../db/audit.ts';
import { ProjectFile } from '../db/entities/file.ts';
import { Project } from '../db/entities/work.ts';
import { newId } from '../db/ids.ts';
import { later } from '../db/jobs.ts';
import { pageOf } from '../db/pages.ts';
import type { TenantScope } from '../db/scope.ts';
import { findProject, lockProject } from './files/files.ts';
import { release, reserve } from './plans/reservation.ts';
import { noteStorage } from './plans/usage-marks.ts';
import { liftOnceItFits } from './suspension/expired-trial.ts';

const description = z.string().max(10_000).refine(isStorable, 'contains a character that cannot be stored');

export const createProjectInput = z.object({ name: line(255), description: description.default('') });
export const projectInput = z.object({ projectId: z.uuid() });
export const updateProjectInput = projectInput.extend({
  name: line(255).optional(),
  description: description.optional(),
});

/** Opens a project. */
export async function createProject(scope: TenantScope, input: z.infer<typeof createProjectInput>) {
  authorize(scope.actor, scope.tenant, 'project.write');
  await reserve(scope, 'projects');
  const { em, tenant, now } = scope;
  const project = em.create(Project, {
    tenantId: tenant.id,
    id: newId(),
    name: input.name,
    description: input.description,
    createdAt: now,
    updatedAt: now,
  });
  await record(scope, 'project.created', {
    target: { kind: 'project', id: project.id },
    details: { name: project.name },
  });
  return describeProject(project);
}

/** The tenant's projects, newest first. */
export function listProjects(scope: TenantScope, page: PageInput) {
  authorize(scope.actor, scope.tenant, 'project.read');
  return pageOf({
    page,
    find: (newestFirst, after) =>
      scope.em.find(Project, { tenantId: scope.tenant.id, ...after }, newestFirst),
    describe: describeProject,
  });
}

/** One project; `NOT_FOUND` where the tenant has none such. */
export async function getProject(scope: TenantScope, { projectId }: z.infer<typeof projectInput>) {
  authorize(scope.actor, scope.tenant, 'project.read');
  return describeProject(await findProject(scope, projectId));
}

/** Changes a project's name or description. */
export async function updateProject(scope: TenantScope, input: z.infer<typeof updateProjectInput>) {
  authorize(scope.actor, scope.tenant, 'project.write');
  const project = await findProject(scope, input.projectId);
  const before = { name: project.name, description: project.description };
  if (input.name !== undefined) project.name = input.name;
  if (input.description !== undefined) project.description = input.description;
  const after = { name: project.name, description: project.description };
  if (before.name !== after.name || before.description !== after.description) {
    project.updatedAt = scope.now;
    await record(scope, 'project.updated', {
      target: { kind: 'project', id: project.id },
      details: { before, after },
    });
  }
  return describeProject(project);
}

/** Removes a project with its files. Their place is free at once, their bytes go when this is done. */
export async function removeProject(scope: TenantScope, { projectId }: z.infer<typeof projectInput>) {
  authorize(scope.actor, scope.tenant, 'project.remove');
  const project = await lockProject(scope, projectId);
  // One by one they give back what they take; a cascade would do so in a role that sees no tenant.
  await scope.em.nativeDelete(ProjectFile, { tenantId: scope.tenant.id, project });
  scope.em.remove(project);
  await later(scope, 'file.delete', { tenantId: scope.tenant.id, projectId, fileId: null });
  await record(scope, 'project.removed', {
    target: { kind: 'project', id: projectId },
    details: { name: project.name },
  });
  await release(scope, 'projects');
  await noteStorage(scope);
  await liftOnceItFits(scope);
  return { id: projectId };
}

function describeProject(project: Project) {
  return {
    id: project.id,
    name: project.name,
    description: project.description,
    createdAt: project.createdAt.toISOString(),
    updatedAt: project.updatedAt.toISOString(),
  };
}
