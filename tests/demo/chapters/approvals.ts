import { setTimeout as delay } from 'node:timers/promises';
import type { TenantryClient } from '../../../src/cli/client.ts';
import { refusalOf } from '../json-client.ts';
import type { Step } from '../script.ts';
import type { Stage, StoryTenant } from '../stage.ts';

const cass = 'cass@operator.example';
const breach = { trigger: 'terms_violation', note: 'it sends spam' } as const;

/** What is dangerous needs two people; in an emergency one, who has to answer for it. */
export async function askForApproval(stage: Stage, { customerSuccess }: StoryTenant): Promise<void> {
  const step = stage.chapter('What is dangerous needs two people');

  const enno = await step('another engineer is let in: Enno', async (sees) => {
    const colleague = { email: 'enno@operator.example', name: 'Enno Frost', role: 'engineering' } as const;
    const { operator, token } = await stage.engineering.operators.create.mutate(colleague);
    sees('role', operator.role, 'engineering');
    return { id: operator.id, client: stage.as(token) };
  });

  const tenantId = await aTenantOf(enno.client, 'spam-works');
  const approvalId = await step('he ends a tenant without notice: nothing happens yet', async (sees) => {
    const refusal = await refusalOf(enno.client.offboarding.schedule.mutate({ tenantId, ...breach }));
    sees('refused', refusal.reason, 'APPROVAL_REQUIRED');
    const left = await refusalOf(customerSuccess.offboarding.get.query({ tenantId }));
    sees('its offboarding', left.reason, 'NOT_FOUND');
    const mail = await stage.mailbox.await(cass, /^Approval asked for/);
    sees('mail to Cass', mail.subject, /offboarding\.schedule of spam-works/);
    return String(refusal['approvalId']);
  });

  await step('he cannot approve it himself', async (sees) => {
    const refusal = await refusalOf(enno.client.approvals.approve.mutate({ approvalId }));
    sees('refused', refusal.reason, 'PERMISSION_DENIED');
  });

  await step('Cass approves: exactly that runs, as his act, with both names in the audit', async (sees) => {
    const { approval } = await customerSuccess.approvals.approve.mutate({ approvalId });
    sees('approval', approval.state, 'approved');
    sees('ran', approval.input, breach);
    const { items } = await customerSuccess.audit.list.query({ tenantId, action: 'offboarding.scheduled' });
    sees('acted', items[0]?.actor.id === enno.id, true);
    const given = { id: approvalId, approvedBy: approval.decidedBy?.id, brokenGlass: false };
    sees('approved by', items[0]?.details['approval'], given);
    sees('tenant', await eventualStatus(customerSuccess, tenantId), 'offboarded');
  });

  await breakTheGlass(step, stage, { enno: enno.client, customerSuccess });
}

type Colleagues = { enno: TenantryClient; customerSuccess: TenantryClient };

async function breakTheGlass(step: Step, stage: Stage, { enno, customerSuccess }: Colleagues): Promise<void> {
  const askToEnd = async (slug: string) => {
    const tenantId = await aTenantOf(enno, slug);
    const refusal = await refusalOf(enno.offboarding.schedule.mutate({ tenantId, ...breach }));
    return { approvalId: String(refusal['approvalId']), reason: 'it floods everybody, at night' };
  };

  const emergency = await askToEnd('flood-works');
  await step('in an emergency he runs it alone, and everybody else is told at once', async (sees) => {
    const { approval } = await enno.approvals.breakGlass.mutate(emergency);
    sees('broken glass', approval.brokenGlass, true);
    const mail = await stage.mailbox.await(cass, /^BREAK-GLASS/);
    sees('mail to Cass', mail.text?.includes(emergency.reason), true);
  });

  await step('there is no second time until somebody has looked at it', async (sees) => {
    const again = await askToEnd('storm-works');
    const refusal = await refusalOf(enno.approvals.breakGlass.mutate(again));
    sees('refused', refusal.reason, 'PERMISSION_DENIED');
    sees('waits for review', refusal['approvalId'] === emergency.approvalId, true);
    const note = 'the flood was real';
    const { review } = await customerSuccess.approvals.review.mutate({
      approvalId: emergency.approvalId,
      note,
    });
    sees('Cass found', review?.note, note);
    sees('then', (await enno.approvals.breakGlass.mutate(again)).approval.state, 'approved');
  });
}

async function aTenantOf(client: TenantryClient, slug: string): Promise<string> {
  const tenant = { name: slug, slug, plan: 'free', adminEmail: `owner@${slug}.example` } as const;
  return (await client.tenants.create.mutate(tenant)).id;
}

/** A tenant's status once its deadline has fired. */
async function eventualStatus(client: TenantryClient, tenantId: string): Promise<string> {
  for (let look = 1; ; look += 1) {
    const { status } = await client.tenants.get.query({ tenantId });
    if (status === 'offboarded' || look === 100) return status;
    await delay(100);
  }
}
