import {
  deactivateUser,
  getUser,
  listUsers,
  reactivateUser,
  setUserRole,
  setUserRoleInput,
  userInput,
} from '../../actions/people/directory.ts';
import { pageInput } from '../../domain/pages.ts';
import { router } from './base.ts';
import { act, onTenant, read } from './procedures.ts';

export const directory = router({
  users: router({
    list: onTenant.input(pageInput.prefault({})).query(read(listUsers)),
    get: onTenant.input(userInput).query(read(getUser)),
    setRole: onTenant.input(setUserRoleInput).mutation(act(setUserRole)),
    deactivate: onTenant.input(userInput).mutation(act(deactivateUser)),
    reactivate: onTenant.input(userInput).mutation(act(reactivateUser)),
  }),
});
