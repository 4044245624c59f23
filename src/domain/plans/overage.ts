import { entitlements, type Entitled } from './entitlements.ts';
import { placesAbove } from './overrides.ts';

/** What a tenant is entitled to, and until when its soft overage is open; `null`: it is not above its limit. */
type MayGoAbove = Entitled & { overLimitUntil?: Date | null };

/** The users that are let in: the limit, and while a soft overage may be open some more; `null`: any number. */
export function usersAdmitted(tenant: MayGoAbove, tenantNow: Date): number | null {
  const { users } = entitlements(tenant).limits;
  const { overage } = tenant.planOverrides ?? {};
  const { overLimitUntil } = tenant;
  if (users === null || !overage || (overLimitUntil && overLimitUntil <= tenantNow)) return users;
  return users + placesAbove(users, overage.percent);
}
