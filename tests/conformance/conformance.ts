import { createTenantryClient } from '../../src/cli/client.ts';
import { makeDataFolder, startServiceProcess } from '../demo/service-process.ts';
import { runOktaSpec } from './okta-suite.ts';
import { runOwnTests } from './own-tests.ts';
import { runScim2Tester } from './scim2-tester.ts';
import { holds, type ServiceProvider, type Suite, tableOf } from './suite.ts';

const operatorToken = 'the-operator-of-the-conformance-run';

/** Starts the service with a database of its own; the answer makes a tenant with a directory for each suite. */
async function startDirectories(stack: AsyncDisposableStack) {
  const folder = await makeDataFolder();
  stack.defer(() => folder.remove());
  const service = await startServiceProcess({
    DATA_DIR: folder.path,
    BOOTSTRAP_OPERATOR_TOKEN: operatorToken,
  });
  stack.defer(async () => void (await service.stop()));
  await service.becomeReady();
  const operator = createTenantryClient({ url: service.url, token: operatorToken });
  return async (slug: string): Promise<ServiceProvider> => {
    const adminEmail = `owner@${slug}.example`;
    const { id } = await operator.tenants.create.mutate({ name: slug, slug, plan: 'enterprise', adminEmail });
    return operator.connections.scim.createToken.mutate({ tenantId: id, label: slug });
  };
}

async function runSuites(stack: AsyncDisposableStack): Promise<Suite[]> {
  const openDirectory = await startDirectories(stack);
  const okta = await runOktaSpec(await openDirectory('okta-spec'));
  return [
    { name: 'Okta SCIM 2.0 SPEC test', outcomes: okta, deviations: [] },
    await runScim2Tester(await openDirectory('scim2-tester')),
    await runOwnTests(
      "Microsoft's Postman collection, restated",
      'tests/scim/microsoft/entra-collection.test.ts',
    ),
    await runOwnTests("Microsoft's SCIM Validator, restated", 'tests/scim/microsoft/scim-validator.test.ts'),
  ];
}

const stack = new AsyncDisposableStack();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stack.disposeAsync().finally(() => process.exit(1)));
}
try {
  const suites = await runSuites(stack);
  console.log(tableOf(suites));
  if (!suites.every(holds)) process.exitCode = 1;
} finally {
  await stack.disposeAsync();
}
