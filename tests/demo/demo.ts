import { startLocalStripe } from '../support/stripe/local-stripe.ts';
import { createScript, type Script, StepFailed, style } from './script.ts';
import { makeDataFolder, type ServiceProcess, startServiceProcess } from './service-process.ts';
import { createStage } from './stage.ts';
import { playStory } from './story.ts';

const appUrl = 'https://app.host.example';
const token = 'the-first-operator-of-the-demo';

/** Plays the story on a service of its own. What was started is stopped and deleted by whoever disposes of the stack. */
async function playDemo(stack: AsyncDisposableStack): Promise<void> {
  const started = performance.now();
  const script = createScript();
  const stripe = await startLocalStripe();
  stack.defer(() => stripe.close());
  const { service, dataDir } = await startService(script, stack, stripe.env);
  stripe.listen(`${service.url}/webhooks/stripe`);
  const { chapter } = script;
  try {
    await playStory(createStage({ url: service.url, appUrl, token, dataDir, chapter, stripe }));
  } catch (error) {
    for (const line of service.errors()) console.error(line);
    throw error;
  }
  await stopService(script, service);
  const { chapters, steps, looks } = script.counts();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const sentence = `all of it held: ${steps} steps in ${chapters} chapters, ${looks} looks, ${seconds} s`;
  console.log(`\n${style('green', sentence)}`);
}

async function startService(script: Script, stack: AsyncDisposableStack, billing: Record<string, string>) {
  const step = script.chapter('The service starts, with a database of its own');
  return step('`node src/main.ts` starts PostgreSQL, migrates, and is ready', async (sees) => {
    const folder = await makeDataFolder();
    stack.defer(() => folder.remove());
    const settings = {
      DATA_DIR: folder.path,
      APP_URL: appUrl,
      BOOTSTRAP_OPERATOR_TOKEN: token,
      WEBHOOK_ALLOW_NETWORKS: '127.0.0.0/8',
      ...billing,
    };
    const service = await startServiceProcess(settings);
    stack.defer(async () => void (await service.stop()));
    await service.becomeReady();
    const answer = await fetch(`${service.url}/readyz`);
    sees('readyz', answer.status, 200);
    sees('says', await answer.json(), { status: 'ready', checks: { database: true, worker: true } });
    return { service, dataDir: folder.path };
  });
}

async function stopService(script: Script, service: ServiceProcess): Promise<void> {
  const step = script.chapter('The service stops');
  await step('asked to end it ends in order, and has logged no error', async (sees) => {
    sees('exit code', await service.stop(), 0);
    sees('errors', service.errors(), []);
  });
}

const stack = new AsyncDisposableStack();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stack.disposeAsync().finally(() => process.exit(1)));
}
try {
  await playDemo(stack);
} catch (error) {
  console.error(error instanceof StepFailed ? `\nthe demo failed: ${error.message}` : error);
  process.exitCode = 1;
} finally {
  await stack.disposeAsync();
}
