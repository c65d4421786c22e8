import { availableParallelism } from 'node:os';
import { BatonError } from '@baton/kernel';
import type { ExecutorContext } from '@nx/devkit';

/** What a task knows of its project. */
export interface TaskProject {
  /** What Nx calls the project. */
  name: string;
  /** Relative to the workspace's root. */
  projectRoot: string;
  /** Names the project's target with an executor of this package; targets may be renamed in nx.json. */
  target(executor: string): string;
}

/** A project by its name. */
export function projectOf(context: ExecutorContext, name = ''): TaskProject {
  const project = context.projectsConfigurations.projects[name];
  if (project === undefined) throw new BatonError('INTERNAL', `Nx asked for a task of the unknown project "${name}"`);
  const target = (executor: string): string => {
    const targets = Object.entries(project.targets ?? {});
    const found = targets.find(([, config]) => config.executor === `@baton/nx:${executor}`);
    return `${name}:${found?.[0] ?? executor}`;
  };
  return { name, projectRoot: project.root, target };
}

/** Whether causes and stacks are wanted: `--verbose`, which a batch worker sees only in the environment. */
export function isVerbose(context: ExecutorContext, env: NodeJS.ProcessEnv = process.env): boolean {
  return context.isVerbose || env.NX_VERBOSE_LOGGING === 'true';
}

/**
 * How many tasks of a batch run at once: `NX_PARALLEL`, else `parallel` of `nx.json`, else one per processor. Nx counts
 * a whole batch as one task, so its own limit never comes to bear here.
 */
export function parallelism(context: ExecutorContext, env: NodeJS.ProcessEnv = process.env): number {
  const processors = availableParallelism();
  const asked = env.NX_PARALLEL ?? String(context.nxJsonConfiguration.parallel ?? processors);
  const share = /^(\d+)%$/.exec(asked)?.[1];
  const count = share === undefined ? Number(asked) : Math.floor((processors * Number(share)) / 100);
  return Number.isInteger(count) && count > 0 ? count : processors;
}
