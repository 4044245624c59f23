import { prepareTenant } from '../../actions/people/registration.ts';
import {
  createTenant,
  createTenantInput,
  requireMayCreate,
} from '../../actions/lifecycle/tenant-creation.ts';
import {
  advanceClock,
  advanceClockInput,
  listTenants,
  listTenantsInput,
  updateTenant,
  updateTenantInput,
} from '../../actions/lifecycle/tenants.ts';
import { getTenant } from '../../actions/timeline/standing.ts';
import { getTimeline, timelineInput } from '../../actions/timeline/timeline.ts';
import {
  addNote,
  addNoteInput,
  getCustomer,
  listNotes,
  listNotesInput,
  updateCustomer,
  updateCustomerInput,
} from '../../actions/lifecycle/customer-record.ts';
import { router } from './base.ts';
import { actCreation } from './previewing.ts';
import { act, onControlPlane, onTenant, read } from './procedures.ts';

export const tenants = router({
  create: onControlPlane.input(createTenantInput).mutation(
    actCreation(async (scope, input, { ports }) => {
      requireMayCreate(scope);
      return createTenant(scope, input, await prepareTenant(ports));
    }),
  ),
  get: onTenant.query(read(getTenant)),
  list: onControlPlane.input(listTenantsInput.prefault({})).query(read(listTenants)),
  timeline: onTenant
    .input(timelineInput.prefault({}))
    .query(read((scope, input, { places }) => getTimeline(scope, input, places))),
  update: onTenant.input(updateTenantInput).mutation(act(updateTenant)),
  advanceClock: onTenant.input(advanceClockInput).mutation(act(advanceClock)),
});

export const customers = router({
  get: onTenant.query(read(getCustomer)),
  update: onTenant.input(updateCustomerInput).mutation(act(updateCustomer)),
  addNote: onTenant.input(addNoteInput).mutation(act(addNote)),
  notes: onTenant.input(listNotesInput.prefault({})).query(read(listNotes)),
});
