import { listFiles, listFilesInput } from '../../actions/files/files.ts';
import {
  createProject,
  createProjectInput,
  getProject,
  listProjects,
  projectInput,
  removeProject,
  updateProject,
  updateProjectInput,
} from '../../actions/projects.ts';
import { pageInput } from '../../domain/pages.ts';
import { router } from './base.ts';
import { act, onTenant, read } from './procedures.ts';

export const projects = router({
  create: onTenant.input(createProjectInput).mutation(act(createProject)),
  list: onTenant.input(pageInput.prefault({})).query(read(listProjects)),
  get: onTenant.input(projectInput).query(read(getProject)),
  update: onTenant.input(updateProjectInput).mutation(act(updateProject)),
  files: onTenant.input(listFilesInput).query(read(listFiles)),
  remove: onTenant.input(projectInput).mutation(act(removeProject)),
});
