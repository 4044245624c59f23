import { billing } from './plans/billing.ts';
import { approvals } from './operations/approvals.ts';
import { audit } from './operations/audit.ts';
import { connections } from './connections.ts';
import { deadlines } from './operations/deadlines.ts';
import { directory } from './directory/directory.ts';
import { notifications } from './notifications.ts';
import { offboarding } from './offboarding.ts';
import { onboarding } from './onboarding.ts';
import { operators, serviceClients } from './operations/operators.ts';
import { plans } from './plans/plans.ts';
import { router } from './base.ts';
import { projects } from './projects.ts';
import { suspension, tasks } from './suspension.ts';
import { customers, tenants } from './tenants.ts';
import { webhooks } from './webhooks.ts';

/** Every lifecycle action, typed. */
export const appRouter = router({
  tenants,
  onboarding,
  plans,
  billing,
  suspension,
  offboarding,
  customers,
  tasks,
  deadlines,
  directory,
  connections,
  projects,
  audit,
  webhooks,
  notifications,
  operators,
  approvals,
  serviceClients,
});
export type AppRouter = typeof appRouter;
