import type { Actor, OperatorRole } from '../actors.ts';
import { Refusal } from '../refusal.ts';
import type { Priority } from './priorities.ts';

/** Why a tenant is suspended. */
export const suspensionTriggers = [
  'payment_failure',
  'terms_violation',
  'security_incident',
  'customer_request',
  'inactivity',
  'trial_expired',
] as const;
export type SuspensionTrigger = (typeof suspensionTriggers)[number];

/** How a suspension ended. */
export const suspensionResolutions = [
  'resolved',
  'paid',
  'payment_promised',
  'withdrawn',
  'false_alarm',
  'ended',
] as const;
export type SuspensionResolution = (typeof suspensionResolutions)[number];

type Raisers = { operators: readonly OperatorRole[]; owner?: true; system?: true };

/** Who may raise each cause. Engineering, as the backup, may do what customer success and billing may. */
const raises: Record<SuspensionTrigger, Raisers> = {
  payment_failure: { operators: ['billing', 'customer_success', 'engineering'], system: true },
  terms_violation: { operators: ['customer_success', 'engineering'] },
  security_incident: { operators: ['engineering', 'customer_success'] },
  customer_request: { operators: ['customer_success', 'engineering'], owner: true },
  inactivity: { operators: [], system: true },
  trial_expired: { operators: [], system: true },
};

/** Who may lift what only the system raises. */
const lifts: Record<SuspensionTrigger, Raisers> = {
  ...raises,
  inactivity: { operators: ['customer_success', 'engineering'], system: true },
  trial_expired: { operators: ['customer_success', 'engineering'], system: true },
};

/** Who may lift a cause, by the same table; an owner only what the owner asked for. */
export function whoMayLift(trigger: SuspensionTrigger): {
  operators: readonly OperatorRole[];
  owner: boolean;
  system: boolean;
} {
  const { operators, owner = false, system = false } = lifts[trigger];
  return { operators, owner, system };
}

/** Refuses with `PERMISSION_DENIED` unless the actor may raise (or lift) this cause. */
export function requireMayRaise(actor: Actor, trigger: SuspensionTrigger, verb: 'raise' | 'lift'): void {
  const { operators, owner, system } = (verb === 'raise' ? raises : lifts)[trigger];
  if (actor.kind === 'system' && system) return;
  if (actor.kind === 'operator' && operators.includes(actor.role)) return;
  if (actor.kind === 'user' && actor.role === 'owner' && owner) return;
  throw new Refusal('PERMISSION_DENIED', `you may not ${verb} a suspension for ${trigger}`);
}

/** The operations manual's table 6.2: how pressing each cause is in the operators' queue. */
const priorityOf: Record<SuspensionTrigger, Priority> = {
  payment_failure: 'P0',
  terms_violation: 'P0',
  security_incident: 'P0',
  customer_request: 'P1',
  inactivity: 'P2',
  trial_expired: 'P2',
};

/** How pressing a cause is. */
export function suspensionPriority(trigger: SuspensionTrigger): Priority {
  return priorityOf[trigger];
}
