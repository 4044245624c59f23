import type { Stage, StoryTenant } from '../stage.ts';

const wanted = {
  name: 'Kestrel Freight',
  slug: 'kestrel-freight',
  plan: 'enterprise',
  adminEmail: 'olive@kestrel.example',
  adminName: 'Olive Marsh',
} as const;

/** An operator opens a tenant for an enterprise customer. */
export async function createEnterpriseTenant({ engineering, as, chapter }: Stage): Promise<StoryTenant> {
  const step = chapter('An operator opens a tenant for an enterprise customer');

  const customerSuccess = await step('engineering lets a colleague of customer success in', async (sees) => {
    const colleague = {
      email: 'cass@operator.example',
      name: 'Cass Vale',
      role: 'customer_success',
    } as const;
    const { operator, token } = await engineering.operators.create.mutate(colleague);
    sees('role', operator.role, 'customer_success');
    return as(token);
  });

  const id = await step('she creates the tenant, which begins in onboarding', async (sees) => {
    const tenant = await customerSuccess.tenants.create.mutate(wanted);
    sees('status', tenant.status, 'onboarding');
    sees('plan', tenant.plan, 'enterprise');
    return tenant.id;
  });

  await step('its checklist has every line of the operations manual', async (sees) => {
    const { steps, open } = await customerSuccess.onboarding.get.query({ tenantId: id });
    const ticked = steps.filter(({ state }) => state === 'done').map((each) => each.step);
    sees('lines', steps.length, 19);
    sees('phases', new Set(steps.map(({ phase }) => phase)).size, 4);
    sees('ticked by the system', ticked, ['tenant_created', 'plan_set', 'admin_users_created']);
    sees('open', open.length, 16);
  });

  const { name, slug, adminEmail: ownerEmail } = wanted;
  return { id, name, slug, ownerEmail, customerSuccess };
}
