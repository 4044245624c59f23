import { setTimeout as delay } from 'node:timers/promises';
import type { TenantryClient } from '../../src/cli/client.ts';
import { strongPassword } from '../support/world.ts';
import { send } from '../support/http.ts';

export type Load = {
  /** The names of the projects whose creation was answered with success. */
  created: string[];
  /** Failures that the service itself answered. */
  answeredErrors: string[];
  /** Resolves when every client has met its end. */
  done: Promise<unknown>;
};

/** Clients that create projects one after the other until the service is no longer there. */
export function createProjects(client: TenantryClient, tenantId: string, clients: number): Load {
  const load: Load = { created: [], answeredErrors: [], done: Promise.resolve() };
  const work = async (number: number) => {
    for (let count = 0; ; count += 1) {
      const name = `project ${number}-${count}`;
      try {
        await client.projects.create.mutate({ tenantId, name });
        load.created.push(name);
      } catch (error) {
        const answered = error instanceof Error && 'shape' in error && error.shape;
        if (answered) load.answeredErrors.push(String(error));
        return;
      }
    }
  };
  load.done = Promise.all(Array.from({ length: clients }, (_, number) => work(number)));
  return load;
}

/** Waits until so many projects have been created. */
export async function reach(load: Load, count: number): Promise<void> {
  while (load.created.length < count) {
    if (load.answeredErrors[0]) throw new Error(load.answeredErrors[0]);
    await delay(10);
  }
}

/** The names of all projects of a tenant. */
export async function listProjectNames(client: TenantryClient, tenantId: string): Promise<Set<string>> {
  const names = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await client.projects.list.query({ tenantId, limit: 100, ...(cursor ? { cursor } : {}) });
    for (const { name } of page.items) names.add(name);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return names;
}

/** An enterprise tenant that is live; it may have any number of projects. */
export async function aLiveTenant(client: TenantryClient): Promise<string> {
  const slug = `t-${crypto.randomUUID().slice(0, 13)}`;
  const { id: tenantId } = await client.tenants.create.mutate({
    name: slug,
    slug,
    plan: 'enterprise',
    adminEmail: `owner@${slug}.example`,
  });
  const { open } = await client.onboarding.get.query({ tenantId });
  for (const step of open) await client.onboarding.waiveStep.mutate({ tenantId, step, note: 'for a test' });
  await client.onboarding.goLive.mutate({ tenantId });
  return tenantId;
}

/** Registers so many people, each with a tenant; answers their addresses in order. */
export async function registerPeople(url: string, count: number): Promise<string[]> {
  const emails = Array.from({ length: count }, (_, number) => `ruth-${number}@mail.example`);
  for (const email of emails) {
    const body = { email, password: strongPassword, name: 'Ruth Register', tenantName: 'Registered' };
    const { status, text } = await send(url, '/api/auth/register', { body });
    if (status !== 201) throw new Error(`the registration failed: ${text}`);
  }
  return emails;
}
