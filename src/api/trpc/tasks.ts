import { listTasks, listTasksInput } from '../../actions/suspension/task-queue.ts';
import { completeTask, completeTaskInput } from '../../actions/suspension/tasks.ts';
import { router } from './base.ts';
import { act, onControlPlane, onTenant, read } from './procedures.ts';

export const tasks = router({
  list: onControlPlane.input(listTasksInput.prefault({})).query(read(listTasks)),
  complete: onTenant.input(completeTaskInput).mutation(act(completeTask)),
});
