import type { TenantScope } from '../../db/scope.ts';
import { announce } from '../lifecycle/announcement.ts';

/** Notes that a comparison found the tenant other than the provider has it, and that it was put right. */
export async function noteDrift(scope: TenantScope): Promise<void> {
  await announce(scope, 'billing_repaired', { note: 'it differed from the payment provider' });
}
