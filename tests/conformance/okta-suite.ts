import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';
import { createScimClient } from '../support/scim-client.ts';
import { assertionSchema, failureOf, sourceSchema, type StepAnswer, valueOf } from './okta-assertions.ts';
import type { Outcome, ServiceProvider } from './suite.ts';

const requestStep = z.object({
  step_type: z.literal('request'),
  note: z.string(),
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  body: z.string().optional(),
  assertions: z.array(assertionSchema),
  variables: z.array(sourceSchema.extend({ name: z.string() })),
  scripts: z.array(z.string()),
});
type RequestStep = z.infer<typeof requestStep>;

/** The export of a Runscope test, as far as this one goes. */
const runscopeTest = z.object({
  steps: z.array(
    z.discriminatedUnion('step_type', [requestStep, z.object({ step_type: z.literal('pause') })]),
  ),
});

/**
 * Runs Okta's SCIM 2.0 SPEC test against a directory, step after step, without its pauses. What it takes for granted
 * is made before: a user with a name and an e-mail, and a group.
 */
export async function runOktaSpec(provider: ServiceProvider): Promise<Outcome[]> {
  const file = readFileSync(new URL('./okta-scim-spec.json', import.meta.url), 'utf8');
  const { steps } = runscopeTest.parse(JSON.parse(file));
  await furnish(provider);
  const variables = variablesFor(provider);
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    if (step.step_type === 'request') outcomes.push(await play(step, variables));
  }
  return outcomes;
}

/** The variables that the test's page at Okta has people fill in; those made of another follow it. */
function variablesFor({ baseUrl, token }: ServiceProvider): Map<string, string> {
  const name = `runscope300${randomUUID().slice(0, 8)}`;
  return new Map([
    ['SCIMBaseURL', baseUrl],
    ['auth', `Bearer ${token}`],
    ['InvalidUserEmail', 'abcdefgh@atko.example'],
    ['UserIdThatDoesNotExist', '010101001010101011001010101011'],
    ['randomEmail', `${name}@atko.example`],
    ['randomUsername', `${name}@atko.example`],
    ['randomUsernameCaps', `${name}@atko.example`.toUpperCase()],
    ['randomGivenName', 'Runscope'],
    ['randomFamilyName', name],
  ]);
}

async function furnish(provider: ServiceProvider): Promise<void> {
  const { send } = createScimClient({ ...provider, fetch });
  const userName = `first-${randomUUID()}@atko.example`;
  await send('POST', '/Users', {
    body: {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName,
      name: { givenName: 'First', familyName: 'User' },
      emails: [{ value: userName, type: 'work', primary: true }],
    },
  });
  await send('POST', '/Groups', {
    body: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'First group' },
  });
}

async function play(step: RequestStep, variables: Map<string, string>): Promise<Outcome> {
  const fill = (text: string) => text.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => variables.get(name) ?? '');
  const answer = await request(step, fill);
  const failures = step.assertions
    .map((each) => failureOf({ ...each, value: each.value === null ? null : fill(each.value) }, answer))
    .filter((failure) => failure !== null);
  for (const each of step.variables) variables.set(each.name, String(valueOf(each, answer)));
  return { name: step.note.trim(), failures: [...failures, ...runScripts(step, answer)] };
}

async function request(
  { method, url, headers, body }: RequestStep,
  fill: (text: string) => string,
): Promise<StepAnswer> {
  const filled = Object.entries(headers).map(([name, value]) => [name, fill([value].flat().join(', '))]);
  const started = performance.now();
  const response = await fetch(fill(url), {
    method,
    headers: Object.fromEntries(filled),
    // As bytes: a text would be given a media type where the step has none.
    ...(body !== undefined && { body: Buffer.from(fill(body)) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    milliseconds: performance.now() - started,
    body: text,
    json: parseJson(text),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Runs what the step has as JavaScript, with the names that Runscope gives it. */
function runScripts({ scripts }: RequestStep, { status, body }: StepAnswer): string[] {
  return scripts.flatMap((script) => {
    try {
      runInNewContext(
        script,
        { assert, log: () => undefined, response: { status, body } },
        { timeout: 1000 },
      );
      return [];
    } catch (error) {
      return [`script: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}
