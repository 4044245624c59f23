import { countCalls } from './chapters/plans/api-calls.ts';
import { askForApproval } from './chapters/approvals.ts';
import { readAuditTrail } from './chapters/audit.ts';
import { payByCard } from './chapters/plans/billing.ts';
import { deprovisionAda } from './chapters/deprovisioning.ts';
import { provisionFromEntra } from './chapters/entra.ts';
import { keepFiles } from './chapters/plans/files.ts';
import { goLive } from './chapters/go-live.ts';
import { giveRolesByGroup } from './chapters/groups.ts';
import { provisionFromOkta } from './chapters/okta.ts';
import { welcomeOwner } from './chapters/owner.ts';
import { changePlans } from './chapters/plans/plan-change.ts';
import { losePlanFeatures } from './chapters/plans/plan-gating.ts';
import { registerByOneself } from './chapters/self-service.ts';
import { leaveForGood } from './chapters/leaving.ts';
import { signInAda } from './chapters/sign-in.ts';
import { connectIdp } from './chapters/sso-setup.ts';
import { suspendAndReinstate } from './chapters/suspension.ts';
import { createEnterpriseTenant } from './chapters/tenant-creation.ts';
import { tellTimeline } from './chapters/timeline.ts';
import { playTrial } from './chapters/plans/trial.ts';
import { hearOfEvents } from './chapters/webhooks.ts';
import type { Stage } from './stage.ts';

/** The whole story, chapter by chapter. Each hands on what later ones need. */
export async function playStory(stage: Stage): Promise<void> {
  const tenant = await createEnterpriseTenant(stage);
  const owner = await welcomeOwner(stage, tenant);
  const people = await provisionFromOkta(stage, owner);
  const microsoft = await provisionFromEntra(stage, owner);
  await giveRolesByGroup(stage, owner, { people, microsoft });
  const sso = await connectIdp(stage, owner);
  await goLive(stage, tenant, { owner, sso, people });
  const session = await signInAda(stage, owner, { sso, people });
  await deprovisionAda(stage, session, { sso, people });
  await suspendAndReinstate(stage, tenant, { owner, sso, people, microsoft, host: session.host });
  await losePlanFeatures(stage, tenant, { sso, people });
  await registerByOneself(stage);
  await countCalls(stage);
  await keepFiles(stage);
  await playTrial(stage, tenant);
  await payByCard(stage, tenant);
  await changePlans(stage, tenant);
  await tellTimeline(stage, tenant);
  await askForApproval(stage, tenant);
  await hearOfEvents(stage, tenant);
  await leaveForGood(stage, tenant);
  await readAuditTrail(stage, tenant);
}
