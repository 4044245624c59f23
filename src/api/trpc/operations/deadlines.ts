import {
  listDeadlineKinds,
  pauseDeadlines,
  pauseDeadlinesInput,
  resumeDeadlines,
} from '../../../actions/operations/deadline-pauses.ts';
import { router } from '../base.ts';
import { act, onControlPlane, read } from '../procedures.ts';

export const deadlines = router({
  list: onControlPlane.query(read(listDeadlineKinds)),
  pause: onControlPlane.input(pauseDeadlinesInput).mutation(act(pauseDeadlines)),
  resume: onControlPlane.input(pauseDeadlinesInput).mutation(act(resumeDeadlines)),
});
