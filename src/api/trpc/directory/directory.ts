import { restoreSync, restoreSyncInput } from '../../../actions/deprovisioning/sync-restoration.ts';
import {
  deactivateUser,
  getUser,
  listUsers,
  reactivateUser,
  setUserRole,
  setUserRoleInput,
  userInput,
} from '../../../actions/people/directory.ts';
import {
  getGroup,
  groupInput,
  listGroups,
  mapGroupRole,
  mapGroupRoleInput,
  requireGroupForAccess,
  requireGroupInput,
} from '../../../actions/people/group-mapping.ts';
import {
  invitationInput,
  inviteUser,
  inviteUserInput,
  listInvitations,
  resendInvitation,
  revokeInvitation,
} from '../../../actions/people/inviting.ts';
import { pageInput } from '../../../domain/pages.ts';
import { router } from '../base.ts';
import { actLifecycle } from '../previewing.ts';
import { act, onTenant, read } from '../procedures.ts';

export const directory = router({
  users: router({
    list: onTenant.input(pageInput.prefault({})).query(read(listUsers)),
    get: onTenant.input(userInput).query(read(getUser)),
    invite: onTenant
      .input(inviteUserInput)
      .mutation(act((scope, input, { throttle }) => inviteUser(scope, input, throttle))),
    setRole: onTenant.input(setUserRoleInput).mutation(act(setUserRole)),
    deactivate: onTenant.input(userInput).mutation(act(deactivateUser)),
    reactivate: onTenant.input(userInput).mutation(act(reactivateUser)),
  }),
  groups: router({
    list: onTenant.input(pageInput.prefault({})).query(read(listGroups)),
    get: onTenant.input(groupInput).query(read(getGroup)),
    mapRole: onTenant.input(mapGroupRoleInput).mutation(act(mapGroupRole)),
    requireForAccess: onTenant.input(requireGroupInput).mutation(act(requireGroupForAccess)),
  }),
  restoreSync: onTenant.input(restoreSyncInput).mutation(actLifecycle(restoreSync)),
  invitations: router({
    list: onTenant.input(pageInput.prefault({})).query(read(listInvitations)),
    resend: onTenant
      .input(invitationInput)
      .mutation(act((scope, input, { throttle }) => resendInvitation(scope, input, throttle))),
    revoke: onTenant.input(invitationInput).mutation(act(revokeInvitation)),
  }),
});
