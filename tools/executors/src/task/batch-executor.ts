import type { ExecutorContext, TaskGraph, TaskGraphExecutor } from '@nx/devkit';
import type { Capability } from './capability.ts';
import { inOrder } from './in-order.ts';
import { isVerbose, parallelism, projectOf } from './nx-context.ts';
import { runTask } from './run-task.ts';
import { workerLife } from './worker-life.ts';

/** How one task of a batch ended, as Nx wants it. */
interface TaskEnd {
  success: boolean;
  terminalOutput: string;
  status?: 'success' | 'failure' | 'skipped';
  startTime?: number;
  endTime?: number;
}

/**
 * The executor that runs many tasks in one process: starting Node and loading the libraries, once, is most of what a
 * small image costs. A task that fails fails alone, and with it those that depend on it.
 */
export function batchExecutor<O>(capability: Capability<O>): TaskGraphExecutor<object> {
  return async (graph, optionsById, _overrides, context) => runBatch(capability, graph, optionsById, context);
}

async function* runBatch<O>(
  capability: Capability<O>,
  graph: TaskGraph,
  optionsById: Record<string, object>,
  context: ExecutorContext,
): AsyncGenerator<{ task: string; result: TaskEnd }> {
  const life = workerLife();
  const runOne = async (id: string): Promise<TaskEnd> => {
    const printed: string[] = [];
    const startTime = Date.now();
    const success = await runTask(capability, {
      workspaceRoot: context.root,
      ...projectOf(context, graph.tasks[id]?.target.project),
      options: optionsById[id] ?? {},
      env: process.env,
      signal: life.signal,
      // Kept per task: what goes to standard output belongs to the batch, and nobody could tell whose it is.
      write: (text) => printed.push(text),
      verbose: isVerbose(context),
    });
    return { success, terminalOutput: printed.join(''), startTime, endTime: Date.now() };
  };
  try {
    const tasks = { ids: Object.keys(graph.tasks), dependencies: graph.dependencies };
    for await (const { id, result } of inOrder(tasks, parallelism(context), runOne, ({ success }) => success)) {
      yield { task: id, result: result ?? { success: false, status: 'skipped', terminalOutput: '' } };
    }
  } finally {
    life.close();
  }
}
