import type { z } from 'zod';
import type { ApprovableAction } from '../../domain/approvals.ts';
import { Refusal } from '../../domain/refusal.ts';
import { type ControlScope, enterTenant, type TenantScope } from '../../db/scope.ts';
import { holdInput, releaseHold } from '../offboarding/legal-hold.ts';
import { scheduleOffboarding, scheduleOffboardingInput } from '../offboarding/offboarding.ts';
import { confirmInput, executeOffboarding } from '../offboarding/offboarding-execution.ts';
import { purgeTenant } from '../offboarding/purge-claim.ts';
import { setOperatorRole, setOperatorRoleInput } from './operators.ts';

/** An input as it is stored: what the action reads of it, and nothing else. */
export type StoredInput = Record<string, unknown>;

type Approvable = {
  /** Takes from a call's input what is stored. */
  read(input: unknown): StoredInput;
  /** Runs a stored input as the scope's actor; its rules are checked as ever. */
  run(scope: ControlScope, stored: { tenantId: string; input: StoredInput }): Promise<unknown>;
};

/** How each action that may need approval is stored and run. */
export const approvables: Record<ApprovableAction, Approvable> = {
  'offboarding.schedule': ofTenant(scheduleOffboardingInput, scheduleOffboarding),
  'offboarding.execute': ofTenant(confirmInput, executeOffboarding),
  'offboarding.purge': ofTenant(confirmInput, purgeTenant),
  'offboarding.releaseHold': ofTenant(holdInput, releaseHold),
  'operators.setRole': {
    read: (input) => setOperatorRoleInput.parse(input),
    run: (scope, { input }) => setOperatorRole(scope, reread(setOperatorRoleInput, input)),
  },
};

function ofTenant<Input extends StoredInput>(
  schema: z.ZodType<Input>,
  action: (scope: TenantScope, input: Input) => Promise<unknown>,
): Approvable {
  return {
    read: (input) => schema.parse(input),
    run: (scope, { tenantId, input }) =>
      enterTenant(scope, tenantId, (inside) => action(inside, reread(schema, input))),
  };
}

/** A stored input, which an earlier version of the service may have stored. */
function reread<Input>(schema: z.ZodType<Input>, stored: StoredInput): Input {
  const { success, data } = schema.safeParse(stored);
  if (!success) throw new Refusal('INVALID_INPUT', 'what was asked for cannot be read any more: ask again');
  return data;
}
