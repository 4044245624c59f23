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
import { act, onTenant, read } from './procedures.ts';

export const customers = router({
  get: onTenant.query(read(getCustomer)),
  update: onTenant.input(updateCustomerInput).mutation(act(updateCustomer)),
  addNote: onTenant.input(addNoteInput).mutation(act(addNote)),
  notes: onTenant.input(listNotesInput.prefault({})).query(read(listNotes)),
});
