import type { PromiseExecutor } from '@nx/devkit';
import type { Capability } from './capability.ts';
import { isVerbose, projectOf } from './nx-context.ts';
import { runTask } from './run-task.ts';
import { workerLife } from './worker-life.ts';

/** The executor that runs one task in a process of its own and prints as it goes. */
export function singleExecutor<O>(capability: Capability<O>): PromiseExecutor<object> {
  return async (options, context) => {
    const life = workerLife();
    try {
      const success = await runTask(capability, {
        workspaceRoot: context.root,
        ...projectOf(context, context.projectName),
        options,
        env: process.env,
        signal: life.signal,
        write: (text) => process.stdout.write(text),
        verbose: isVerbose(context),
      });
      return { success };
    } finally {
      life.close();
    }
  };
}
