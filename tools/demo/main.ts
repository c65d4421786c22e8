// What `npm run demo` does: one agent from source to a published image, and what is left to look at.
import { toBatonError } from '@baton/kernel';
import { renderError } from '@baton/report';
import { Listr } from 'listr2';
import { type DemoState, demoSteps, isLive } from './steps.ts';
import { summary } from './summary.ts';

const started = performance.now();
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());

const state: DemoState = { signal: stop.signal, notes: [], closers: [] };
const steps = demoSteps();
const list = new Listr<DemoState>(
  steps.map((step) => ({
    title: step.title,
    task: async (context, task) => {
      const detail = await step.run(context, (text) => {
        task.output = text;
      });
      task.title = `${step.title}: ${detail}`;
    },
  })),
  {
    concurrent: false,
    ctx: state,
    renderer: 'default',
    fallbackRenderer: 'simple',
    fallbackRendererCondition: () => !isLive(),
    rendererOptions: { collapseSubtasks: false },
  },
);
try {
  await list.run();
  process.stdout.write(summary(state, (performance.now() - started) / 1000));
} catch (thrown) {
  const error = toBatonError(thrown);
  process.stderr.write(
    renderError(error, { color: process.stderr.isTTY === true, verbose: process.env.DEBUG !== undefined }),
  );
  process.exitCode = error.exitCode;
} finally {
  for (const close of state.closers.reverse()) await close();
}
