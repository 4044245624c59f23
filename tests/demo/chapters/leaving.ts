import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runProgram } from '../../cli/program.ts';
import { readSession, refusalOf } from '../json-client.ts';
import { linkIn } from '../mailbox.ts';
import type { Step } from '../script.ts';
import { password, type Stage, type StoryTenant } from '../stage.ts';

const ownerEmail = 'olga@orchid.example';
const slug = 'orchid';
const leave = { trigger: 'contract_end', note: 'the contract is not renewed' } as const;

type Leaver = { tenantId: string; token: string };

/** A tenant leaves: notice, end, legal hold, purge, and the proof of it, in seconds on a sandbox's clock. */
export async function leaveForGood(stage: Stage, tenant: StoryTenant): Promise<void> {
  const step = stage.chapter('A tenant leaves: notice, end, deletion with proof');
  const leaver = await aLeaver(step, stage, tenant);
  await giveNotice(step, stage, { ...leaver, tenant });
  await comeToTheEnd(step, stage, { ...leaver, tenant });
  await purge(step, stage, { ...leaver, tenant });
  await prove(step, stage, leaver.tenantId);
}

async function aLeaver(
  step: Step,
  { http, mailbox }: Stage,
  { customerSuccess }: StoryTenant,
): Promise<Leaver> {
  return step('Orchid is a sandbox tenant, and Olga owns it', async (sees) => {
    const wanted = { name: 'Orchid', slug, plan: 'free', adminEmail: ownerEmail, sandbox: true } as const;
    const { id: tenantId } = await customerSuccess.tenants.create.mutate(wanted);
    const { token: invitation } = linkIn(await mailbox.await(ownerEmail, /invited/));
    const answer = await http.post('/api/auth/accept-invitation', { token: invitation, password });
    sees('signed in', answer.status, 201);
    return { tenantId, token: readSession(answer).accessToken };
  });
}

type Scene = Leaver & { tenant: StoryTenant };

async function giveNotice(step: Step, { mailbox }: Stage, { tenantId, tenant }: Scene): Promise<void> {
  const { offboarding, tenants } = tenant.customerSuccess;
  const { previewToken } = await step(
    'a preview tells all that notice would do, and does nothing',
    async (sees) => {
      const { preview } = await offboarding.schedule.mutate({ tenantId, ...leave, preview: true });
      sees('deadlines', preview?.deadlines.set.map(({ kind }) => kind).toSorted(), [
        'offboarding_execution',
        'offboarding_notice_1',
        'offboarding_notice_7',
        'task_escalation',
      ]);
      sees('status after', preview?.state.after.status, 'active');
      sees('her own tenant', (await refusalOf(offboarding.get.query({ tenantId }))).reason, 'NOT_FOUND');
      return { previewToken: preview?.previewToken ?? '' };
    },
  );

  await step('notice is given as previewed, and Olga is told at once', async (sees) => {
    const given = await offboarding.schedule.mutate({ tenantId, ...leave, previewToken });
    sees('phase', given.phase, 'scheduled');
    const mail = await mailbox.await(ownerEmail, /^Orchid ends on/);
    sees('why', mail.text?.includes(leave.note), true);
  });

  await step('the timeline lists what is to come', async (sees) => {
    const { entries } = await tenants.timeline.query({ tenantId });
    const future = entries.filter(({ when }) => when === 'future').length;
    sees('past, and to come', [entries.some(({ when }) => when === 'past'), future >= 3], [true, true]);
  });
}

async function comeToTheEnd(step: Step, { http, mailbox }: Stage, scene: Scene): Promise<void> {
  const { customerSuccess } = scene.tenant;
  const { tenantId, token } = scene;
  const advance = (by: string) => customerSuccess.tenants.advanceClock.mutate({ tenantId, by });

  await step('seven days before, and one day before, she is told again', async (sees) => {
    await advance('P23D');
    sees('mail', (await mailbox.await(ownerEmail, /in 7 days/)).subject, 'Orchid ends in 7 days');
    await advance('P6D');
    sees('mail', (await mailbox.await(ownerEmail, /in 1 day$/)).subject, 'Orchid ends in 1 day');
    sees('she still works', (await http.get('/api/auth/me', token)).status, 200);
  });

  await step('on its date the tenant ends, and nothing of it opens any more', async (sees) => {
    await customerSuccess.offboarding.placeHold.mutate({ tenantId, note: 'a court has asked' });
    await advance('P1D');
    sees('mail', (await mailbox.await(ownerEmail, /has ended$/)).subject, 'Orchid has ended');
    const me = await http.get('/api/auth/me', token);
    sees('her session', [me.status, me.body['reason']], [403, 'TENANT_OFFBOARDED']);
    const { items } = await customerSuccess.tasks.list.query({ tenantId });
    sees('closing checklist', items.length, 3);
  });
}

async function purge(step: Step, { engineering }: Stage, { tenantId, tenant }: Scene): Promise<void> {
  const { offboarding, tenants } = tenant.customerSuccess;
  await step('its retention is over, but a legal hold keeps the data', async (sees) => {
    await tenants.advanceClock.mutate({ tenantId, by: 'P31D' });
    await delay(2500);
    sees('phase', (await offboarding.get.query({ tenantId })).phase, 'executed');
    const tried = await refusalOf(offboarding.purge.mutate({ tenantId, confirm: slug }));
    sees('purging', tried.reason, 'LEGAL_HOLD');
  });

  await step('two people release the hold, and the purge runs', async (sees) => {
    const asked = await refusalOf(offboarding.releaseHold.mutate({ tenantId, note: 'the court is done' }));
    sees('asks for', asked.reason, 'APPROVAL_REQUIRED');
    await engineering.approvals.approve.mutate({ approvalId: String(asked['approvalId']) });
    const phase = async () => (await offboarding.get.query({ tenantId })).phase;
    for (let look = 0; (await phase()) !== 'purged' && look < 150; look += 1) await delay(100);
    sees('phase', await phase(), 'purged');
    sees('tenant', (await refusalOf(tenants.get.query({ tenantId }))).reason, 'NOT_FOUND');
  });
}

async function prove(step: Step, { engineering, mailbox, url }: Stage, tenantId: string): Promise<void> {
  const certificate = await engineering.offboarding.certificate.query({ tenantId });
  await step('the certificate is mailed to the last owner, with a page to print', async (sees) => {
    const mail = await mailbox.await(ownerEmail, /^Certificate of deletion/);
    const path = /\/certificates\/\S+/.exec(mail.text ?? '')?.[0] ?? '';
    const page = await fetch(`${url}${path}`);
    sees('page', [page.status, (await page.text()).includes(tenantId)], [200, true]);
  });

  await step('`tenantry verify-certificate` checks it with the published key alone', async (sees) => {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-demo-'));
    try {
      const file = join(folder, 'certificate.json');
      const verify = async (text: string) => {
        await writeFile(file, text);
        const cli = ['dist/src/cli/main.js', 'verify-certificate', file, '--url', url] as const;
        return (await runProgram([process.execPath, ...cli])).code;
      };
      const text = JSON.stringify(certificate);
      sees('exit code', await verify(text), 0);
      sees('with one digit changed', await verify(text.replace(/"users":\d+/, '"users":9')), 1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  await step('nobody gets its slug again', async (sees) => {
    const again = { name: 'Orchid', slug, plan: 'free', adminEmail: ownerEmail } as const;
    sees('refused', (await refusalOf(engineering.tenants.create.mutate(again))).reason, 'CONFLICT');
  });
}
